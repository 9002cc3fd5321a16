// Explores a litmus test and compares its outcomes with the table.
#pragma once

#include <cstdint>
#include <map>
#include <set>
#include <string>
#include <vector>

#include "litmus/litmus.hpp"

namespace litmus {

/// Outcomes, and the number of executions with each.
using Outcomes = std::map<std::string, std::uint64_t>;

struct Result {
  Outcomes interleavings;        ///< under sequential consistency
  Outcomes seen;                 ///< in weak memory
  std::uint64_t executions = 0;  ///< in weak memory
  bool searched = false;         ///< the depth-first searches have finished
  std::string trouble;           ///< errors: a litmus test must not fail
};

/// Depth-first search in both memory models, in at most `executions` each.
Result search(const Test& test, std::uint64_t executions);

/// The same, and as many random executions of two strategies.
Result explore(const Test& test, std::uint64_t executions);

/// The differences from the table, a sentence each.
std::vector<std::string> faults(const Test& test, const Result& result);

}  // namespace litmus
