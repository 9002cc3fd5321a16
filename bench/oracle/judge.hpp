// The oracles by name.
#pragma once

#include <string>
#include <vector>

#include <racetrack/history.hpp>
#include <racetrack/verdict.hpp>

namespace racetrack::oracle {

/// Judges `history` with every named oracle and returns the worst verdict, the first of several equal ones. Throws
/// std::invalid_argument for an unknown name.
Verdict judge(const std::vector<std::string>& oracles, const History& history);

/// Returns the names that judge() accepts.
std::vector<std::string> known_oracles();

}  // namespace racetrack::oracle
