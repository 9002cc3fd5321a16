// A litmus test explored, and held against what the table says.
#pragma once

#include <cstdint>
#include <map>
#include <set>
#include <string>
#include <vector>

#include "litmus/litmus.hpp"

namespace litmus {

/// Outcomes, and how often each was seen.
using Outcomes = std::map<std::string, std::uint64_t>;

struct Result {
  Outcomes interleavings;        ///< under sequential consistency
  Outcomes seen;                 ///< in weak memory
  std::uint64_t executions = 0;  ///< in weak memory
  bool searched = false;         ///< the depth-first searches came to their ends
  std::string trouble;           ///< what went wrong: a litmus test does not fail
};

/// Depth-first search in both memory models, in at most `executions` each.
Result search(const Test& test, std::uint64_t executions);

/// The same, and as many random executions of two strategies.
Result explore(const Test& test, std::uint64_t executions);

/// What is not as the table says, a sentence each.
std::vector<std::string> faults(const Test& test, const Result& result);

}  // namespace litmus
