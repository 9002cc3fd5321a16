#include "oracle/futures.hpp"

#include <cstdint>
#include <map>
#include <string>
#include <utility>

#include "oracle/describe.hpp"

namespace racetrack::oracle {
namespace {

struct Told {
  const Operation* submit = nullptr;
  const Operation* run = nullptr;  ///< the first, if it ran twice: that is for exactly_once
  const Operation* result = nullptr;
};

Verdict judge_one(const Told& told, const History& history, const Epoch& epoch) {
  const std::string got = epoch.tell(*told.result);
  const Outcome outcome = told.result->outcome;
  if (outcome == Outcome::pending) return {};
  if (told.run == nullptr) {
    return outcome == Outcome::cancelled ? Verdict{}
                                         : failed("oracle.futures", "wrong_result", got + ", which was never run");
  }
  const std::string ran = epoch.tell(*told.run);
  const bool threw = told.run->outcome == Outcome::thrown;
  if (threw && (outcome == Outcome::ok || outcome == Outcome::cancelled))
    return failed("oracle.futures", "lost_exception", ran + "; but " + got);
  if (outcome == Outcome::cancelled) return failed("oracle.futures", "lost_result", ran + "; but " + got);
  if (outcome == Outcome::wrong || (outcome == Outcome::thrown && !threw))
    return failed("oracle.futures", "wrong_result", ran + "; but " + got);
  // The future was ready before the task had ended, by more than the clocks may differ.
  if (history.stamped && told.result->returned + 2 * history.skew < told.run->returned) {
    return failed("oracle.futures", "wrong_result", got + ", before " + ran);
  }
  return {};
}

}  // namespace

Verdict futures(const History& history) {
  std::map<std::pair<std::uint16_t, std::uint64_t>, Told> tasks;
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
  for (const auto& [key, told] : tasks) {
    if (told.result != nullptr) {
      if (Verdict verdict = judge_one(told, history, epoch); verdict.result != Result::pass) return verdict;
    } else if (asked && told.submit != nullptr && told.run != nullptr && history.complete) {
      return failed("oracle.futures", "lost_result", epoch.tell(*told.run) + ", but nobody got its result");
    }
  }
  return {};
}

}  // namespace racetrack::oracle
