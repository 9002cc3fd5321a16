// Compares verdicts with a scenario's expectation.
#pragma once

#include <cstdint>
#include <string>
#include <string_view>
#include <vector>

#include <racetrack/verdict.hpp>

namespace racetrack::oracle {

/// Returns the grade that `expectation` gives to a `kind` from `detector`; never when no line matches.
Grade grade_of(const Expectation& expectation, std::string_view detector, std::string_view kind);

/// Returns whether a verdict is expected. A failure is expected when its grade is must or may. An unknown is expected
/// when it names a kind whose grade is must or may; any other unknown is not, because it neither passes a subject nor
/// catches a control. A pass is always expected here: a missed must shows only over many runs, and bench judges a few
/// rounds.
bool as_expected(const Expectation& expectation, const Verdict& verdict);

/// Returns the first `must` of a detector among `detectors` that `seen` does not fulfil, or null. `detectors` are
/// names, or prefixes that end in '*'. `seen` has the verdicts of `runs` trials that were long enough. A `must` per
/// more runs than these is not missed yet.
const Expected* missed_must(const Expectation& expectation, const std::vector<std::string>& detectors,
                            const std::vector<Verdict>& seen, std::uint32_t runs = 1);

}  // namespace racetrack::oracle
