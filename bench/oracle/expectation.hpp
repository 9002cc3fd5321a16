// Is a verdict what the scenario's author expects?
#pragma once

#include <cstdint>
#include <string>
#include <string_view>
#include <vector>

#include <racetrack/verdict.hpp>

namespace racetrack::oracle {

/// The grade that `expectation` gives to `kind` seen by `detector`; never when no line names them.
Grade grade_of(const Expectation& expectation, std::string_view detector, std::string_view kind);

/// A failure is as expected when its grade is must or may. So is an unknown that names a kind, when that kind may be seen; any other
/// unknown is not, because it neither passes a subject nor catches a control. A pass is always as expected here: a missed must shows only
/// over many runs, and bench judges a few rounds.
bool as_expected(const Expectation& expectation, const Verdict& verdict);

/// The first `must` of a detector among `detectors` (names, or beginnings that end in '*') that `seen` does not fulfil; null when
/// there is none. `seen`: verdicts of `runs` trials that were long enough; a `must` per more runs than these is not missed yet.
const Expected* missed_must(const Expectation& expectation, const std::vector<std::string>& detectors,
                            const std::vector<Verdict>& seen, std::uint32_t runs = 1);

}  // namespace racetrack::oracle
