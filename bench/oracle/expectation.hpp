// Is a verdict what the scenario's author expects?
#pragma once

#include <string_view>

#include <racetrack/verdict.hpp>

namespace racetrack::oracle {

/// The grade that `expectation` gives to `kind` seen by `detector`; never when no line names them.
Grade grade_of(const Expectation& expectation, std::string_view detector, std::string_view kind);

/// A failure is as expected when its grade is must or may; a pass always is here (a missed must shows only over many
/// runs, and bench judges a few rounds); an unknown is.
bool as_expected(const Expectation& expectation, const Verdict& verdict);

}  // namespace racetrack::oracle
