#include "litmus/check.hpp"

#include <algorithm>
#include <functional>
#include <optional>

#include "explore/explorer.hpp"

namespace litmus {
namespace {

using racetrack::explore::Exploration;
using racetrack::explore::Failure;
using racetrack::explore::Memory;

/// True: the strategy has nothing left to try.
bool run(const Test& test, Memory memory, const char* strategy, std::uint64_t executions, Result& result) {
  Outcomes& outcomes = memory == Memory::weak ? result.seen : result.interleavings;
  racetrack::explore::Subject subject;
  Program program;
  subject.body = test.algorithm;
  if (test.algorithm == nullptr) {
    program = parse(test.program);
    subject.body = [&program] { execute(program); };
  }
  subject.module = reinterpret_cast<const void*>(&execute);
  subject.judge = [&]() -> std::optional<Failure> {
    ++outcomes[registers(test.registers)];
    return std::nullopt;
  };
  racetrack::explore::Plan plan;
  plan.memory = memory;
  plan.strategies = {strategy};
  plan.seed = 1;
  plan.seconds = 3600;
  plan.executions = executions;
  const Exploration exploration = racetrack::explore::explore(subject, plan);
  result.trouble += exploration.unusable + exploration.nondeterminism;
  for (const auto& finding : exploration.findings) result.trouble += finding.failure.kind + ": " + finding.failure.text;
  if (memory == Memory::weak) result.executions += exploration.executions;
  return exploration.complete;
}

Ground ground_of(const Test& test, const std::string& outcome) {
  const auto listed = std::find_if(test.outcomes.begin(), test.outcomes.end(),
                                   [&](const Outcome& each) { return each.values == outcome; });
  return listed != test.outcomes.end() ? listed->ground : Ground::forbidden;
}

}  // namespace

Result search(const Test& test, std::uint64_t executions) {
  Result result;
  result.searched = run(test, Memory::sequential, "dfs", executions, result);
  result.searched &= run(test, Memory::weak, "dfs", executions, result);
  return result;
}

Result explore(const Test& test, std::uint64_t executions) {
  Result result = search(test, executions);
  run(test, Memory::sequential, "random", executions, result);
  for (const char* strategy : {"random", "pct3"}) run(test, Memory::weak, strategy, executions, result);
  return result;
}

std::vector<std::string> faults(const Test& test, const Result& result) {
  std::vector<std::string> differences;
  if (!result.trouble.empty()) differences.push_back(result.trouble);
  for (const auto& [outcome, times] : result.seen) {
    if (result.interleavings.contains(outcome)) continue;
    switch (ground_of(test, outcome)) {
      case Ground::shown: break;
      case Ground::not_shown: differences.push_back(outcome + " is listed as out of reach, and was seen"); break;
      case Ground::forbidden: differences.push_back(outcome + " is forbidden, and was seen"); break;
    }
  }
  for (const Outcome& listed : test.outcomes) {
    if (result.interleavings.contains(listed.values)) {
      differences.push_back(std::string(listed.values) + " is the outcome of an interleaving");
    }
    if (listed.ground == Ground::shown && !result.seen.contains(listed.values)) {
      differences.push_back(std::string(listed.values) + " is allowed, and was not seen");
    }
  }
  for (const auto& [outcome, times] : result.interleavings) {
    if (result.searched && !result.seen.contains(outcome)) {
      differences.push_back(outcome + " is the outcome of an interleaving, but weak memory did not show it");
    }
  }
  return differences;
}

}  // namespace litmus
