// The verdict of one test as a line of JSON, for programs that read it.
#pragma once

#include <string>
#include <string_view>

#include "explore/explorer.hpp"

namespace racetrack::explore {

/// The parts of a verdict that are not in the Exploration.
struct VerdictFacts {
  std::string_view test;
  std::string_view verdict;  ///< pass, fail or inconclusive
  std::string reason;        ///< of an inconclusive verdict
  std::string limits;        ///< of the memory model
  std::string build;         ///< of the program, as in its tokens
};

/// One object without line breaks: test, verdict, executions, seconds, findings (each with its replay token and its
/// interleaving), notes, ...
std::string verdict_json(const Exploration& exploration, const VerdictFacts& facts);

}  // namespace racetrack::explore
