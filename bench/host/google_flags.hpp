// Google Benchmark's flags, as far as the host takes them over.
#pragma once

#include <string>
#include <vector>

#include "host/sweep.hpp"

namespace racetrack::host {

/// Moves the --benchmark_... flags out of `words` into `options`: filter, repetitions (forks), min_time, out, out_format, format and
/// list_tests. Throws Failure(usage) naming any other, or a value that does not fit.
void take_google_flags(std::vector<std::string>& words, SweepOptions& options);

}  // namespace racetrack::host
