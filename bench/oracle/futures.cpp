#include "oracle/futures.hpp"

#include <cstdint>
#include <map>
#include <string>
#include <utility>

#include "oracle/describe.hpp"

namespace racetrack::oracle {
namespace {

struct TaskRecord {
  const Operation* submit = nullptr;
  const Operation* run = nullptr;  ///< the first run; exactly_once reports a second one
  const Operation* result = nullptr;
};

Verdict judge_one(const TaskRecord& task, const History& history, const Epoch& epoch) {
  const std::string got = epoch.describe_with_time(*task.result);
  const Outcome outcome = task.result->outcome;
  if (outcome == Outcome::pending) return {};
  if (task.run == nullptr) {
    return outcome == Outcome::cancelled ? Verdict{}
                                         : failed("oracle.futures", "wrong_result", got + ", which was never run");
  }
  const std::string ran = epoch.describe_with_time(*task.run);
  const bool threw = task.run->outcome == Outcome::thrown;
  if (threw && (outcome == Outcome::ok || outcome == Outcome::cancelled))
    return failed("oracle.futures", "lost_exception", ran + "; but " + got);
  if (outcome == Outcome::cancelled) return failed("oracle.futures", "lost_result", ran + "; but " + got);
  if (outcome == Outcome::wrong || (outcome == Outcome::thrown && !threw))
    return failed("oracle.futures", "wrong_result", ran + "; but " + got);
  // The future was ready before the task had ended, by more than the clock skew.
  if (history.stamped && task.result->returned + 2 * history.skew < task.run->returned) {
    return failed("oracle.futures", "wrong_result", got + ", before " + ran);
  }
  return {};
}

}  // namespace

Verdict futures(const History& history) {
  std::map<std::pair<std::uint16_t, std::uint64_t>, TaskRecord> tasks;
  bool asked = false;
  for (const auto& thread : history.threads) {
    for (const Operation& operation : thread) {
      const std::pair key{operation.object, operation.value};
      const auto first = [&](const Operation*& place) {
        if (place == nullptr) place = &operation;
      };
      if (operation.action == Action::push && operation.outcome == Outcome::ok) first(tasks[key].submit);
      if (operation.action == Action::run) first(tasks[key].run);
      if (operation.action == Action::result) first(tasks[key].result);
      asked |= operation.action == Action::result;
    }
  }
  const Epoch epoch(history);
  for (const auto& [key, task] : tasks) {
    if (task.result != nullptr) {
      if (Verdict verdict = judge_one(task, history, epoch); verdict.result != Result::pass) return verdict;
    } else if (asked && task.submit != nullptr && task.run != nullptr && history.complete) {
      return failed("oracle.futures", "lost_result",
                    epoch.describe_with_time(*task.run) + ", but no thread got its result");
    }
  }
  return {};
}

}  // namespace racetrack::oracle
