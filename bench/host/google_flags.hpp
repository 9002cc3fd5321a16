// The flags of Google Benchmark that racetrack accepts.
#pragma once

#include <string>
#include <vector>

#include "host/sweep.hpp"

namespace racetrack::host {

/// Removes the --benchmark_... flags from `arguments` and sets them in `options`: filter, repetitions (forks),
/// min_time, out, out_format, format and list_tests. Throws Failure(usage) for any other such flag and for an invalid
/// value.
void take_google_flags(std::vector<std::string>& arguments, SweepOptions& options);

}  // namespace racetrack::host
