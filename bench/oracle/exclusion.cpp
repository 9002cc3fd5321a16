#include "oracle/exclusion.hpp"

#include <algorithm>
#include <map>
#include <string>
#include <tuple>
#include <utility>
#include <vector>

#include "oracle/describe.hpp"
#include "oracle/interval.hpp"

namespace racetrack::oracle {
namespace {

/// An interval, excluding its ends, in which a thread certainly holds the lock.
struct Stay {
  Ticks from;
  Ticks until;
  const Operation* acquire;
  const Operation* release;  ///< null: held to the end
};

using Stays = std::map<std::uint16_t, std::vector<Stay>>;

void gather(const std::vector<Operation>& thread, const History& history, Stays& stays) {
  struct Open {
    const Operation* acquire = nullptr;
    std::uint64_t depth = 0;
  };
  std::map<std::pair<std::uint16_t, std::uint64_t>, Open> open;  // indexed by object and mode
  const auto close = [&](const Operation& acquire, const Operation* release) {
    const Interval in = interval_of(acquire, history);
    const Interval out = release == nullptr ? Interval{} : interval_of(*release, history);
    if (before(in, out)) stays[acquire.object].push_back({in.returned, out.invoked, &acquire, release});
  };
  for (const Operation& operation : thread) {
    if (operation.action == Action::acquire && operation.outcome == Outcome::ok) {
      Open& mine = open[{operation.object, operation.value}];
      if (mine.depth++ == 0) mine.acquire = &operation;
    } else if (operation.action == Action::release &&
               (operation.outcome == Outcome::ok || operation.outcome == Outcome::pending)) {
      Open& mine = open[{operation.object, operation.value}];
      if (mine.depth != 0 && --mine.depth == 0) close(*mine.acquire, &operation);
    }
  }
  for (const auto& [key, mine] : open) {
    if (mine.depth != 0) close(*mine.acquire, nullptr);
  }
}

/// Of the intervals so far: the one that ends last, and the last-ending one of any other thread.
class Longest {
 public:
  void add(const Stay& stay) {
    if (first_ == nullptr || stay.until > first_->until) {
      if (first_ != nullptr && first_->acquire->thread != stay.acquire->thread) second_ = first_;
      first_ = &stay;
    } else if (stay.acquire->thread != first_->acquire->thread && (second_ == nullptr || stay.until > second_->until)) {
      second_ = &stay;
    }
  }
  [[nodiscard]] const Stay* of_other_than(std::uint32_t thread) const {
    return first_ != nullptr && first_->acquire->thread == thread ? second_ : first_;
  }

 private:
  const Stay* first_ = nullptr;
  const Stay* second_ = nullptr;
};

std::string describe_stay(const Stay& stay, const Epoch& epoch) {
  return epoch.describe_with_time(*stay.acquire) + " and " +
         (stay.release == nullptr ? "never released" : "released only " + epoch.span(*stay.release));
}

Verdict judge_object(std::vector<Stay>& stays, const History& history) {
  std::sort(stays.begin(), stays.end(),
            [](const Stay& a, const Stay& b) { return std::tie(a.from, a.until) < std::tie(b.from, b.until); });
  Longest exclusive, any;
  for (const Stay& stay : stays) {
    const bool shared = stay.acquire->value == kShared;
    const Stay* other = (shared ? exclusive : any).of_other_than(stay.acquire->thread);
    if (other != nullptr && other->until > stay.from) {
      const Epoch epoch(history);
      return {Result::fail, "exclusion", "oracle.exclusion",
              describe_stay(*other, epoch) + ", but " + describe_stay(stay, epoch) + (shared ? " (shared)" : "")};
    }
    any.add(stay);
    if (!shared) exclusive.add(stay);
  }
  return {};
}

}  // namespace

Verdict exclusion(const History& history) {
  if (!history.stamped) return {};
  Stays objects;
  for (const auto& thread : history.threads) gather(thread, history, objects);
  for (auto& [object, stays] : objects) {
    if (Verdict verdict = judge_object(stays, history); verdict.result != Result::pass) return verdict;
  }
  return {};
}

}  // namespace racetrack::oracle
