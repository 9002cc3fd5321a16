#include "oracle/exactly_once.hpp"

#include <algorithm>
#include <cstdint>
#include <set>
#include <string>
#include <tuple>
#include <utility>
#include <vector>

#include "oracle/describe.hpp"
#include "oracle/interval.hpp"

namespace racetrack::oracle {
namespace {

struct Step {
  const Operation* operation;
  std::size_t place;
};

bool by_task(const Step& a, const Step& b) {
  return std::tie(a.operation->object, a.operation->value) < std::tie(b.operation->object, b.operation->value);
}

bool runs_early(const Step& submit, const Step& run, const History& history) {
  if (submit.operation->thread == run.operation->thread && run.place < submit.place) return true;
  return before(interval_of(*run.operation, history), interval_of(*submit.operation, history));
}

std::string submitted(const Operation& submit, const Epoch& epoch) {
  return "thread " + std::to_string(submit.thread) + " submitted task " + std::to_string(submit.value) + " " +
         epoch.span(submit);
}

}  // namespace

Verdict exactly_once(const History& history) {
  std::vector<Step> submits, runs;
  std::set<std::pair<std::uint16_t, std::uint64_t>> cancelled;
  for (const auto& thread : history.threads) {
    for (std::size_t place = 0; place < thread.size(); ++place) {
      const Operation& operation = thread[place];
      if (operation.action == Action::run) runs.push_back({&operation, place});
      if (operation.action == Action::result && operation.outcome == Outcome::cancelled) {
        cancelled.insert({operation.object, operation.value});
      }
      if (operation.action == Action::push && operation.outcome != Outcome::full)
        submits.push_back({&operation, place});
    }
  }
  std::sort(submits.begin(), submits.end(), by_task);
  std::sort(runs.begin(), runs.end(), by_task);
  const Epoch epoch(history);
  for (std::size_t i = 1; i < runs.size(); ++i) {
    if (by_task(runs[i - 1], runs[i])) continue;
    return failed("oracle.exactly_once", "duplicated",
                  epoch.describe_with_time(*runs[i - 1].operation) + ", and " +
                      epoch.describe_with_time(*runs[i].operation) + " again");
  }
  std::size_t missing = 0;
  const Operation* first_missing = nullptr;
  auto run = runs.begin();
  for (const Step& submit : submits) {
    if (run != runs.end() && by_task(*run, submit)) break;  // a run without a submission: see below
    if (run != runs.end() && !by_task(submit, *run)) {
      if (runs_early(submit, *run, history)) {
        return failed("oracle.exactly_once", "invented",
                      epoch.describe_with_time(*run->operation) + ", before " + submitted(*submit.operation, epoch));
      }
      ++run;
    } else if (submit.operation->outcome == Outcome::ok &&
               !cancelled.contains({submit.operation->object, submit.operation->value})) {
      ++missing;
      if (first_missing == nullptr) first_missing = submit.operation;
    }
  }
  if (run != runs.end()) {
    return failed("oracle.exactly_once", "invented",
                  epoch.describe_with_time(*run->operation) + ", which no thread submitted");
  }
  if (missing == 0) return {};
  Verdict verdict = failed("oracle.exactly_once", "lost",
                           submitted(*first_missing, epoch) + ", which never ran (" + std::to_string(missing) + " of " +
                               std::to_string(submits.size()) + " tasks)");
  if (!history.complete) verdict.result = Result::unknown;
  return verdict;
}

}  // namespace racetrack::oracle
