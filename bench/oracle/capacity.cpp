#include "oracle/capacity.hpp"

#include <algorithm>
#include <cstdint>
#include <map>
#include <string>
#include <tuple>
#include <vector>

namespace racetrack::oracle {
namespace {

struct Change {
  Ticks at;
  int items;
};

}  // namespace

Verdict capacity(const History& history) {
  if (history.capacity == 0 || !history.stamped) return {};
  std::map<std::uint16_t, std::vector<Change>> objects;
  for (const auto& thread : history.threads) {
    for (const Operation& operation : thread) {
      auto& changes = objects[operation.object];
      if (operation.action == Action::push && operation.outcome == Outcome::ok) {
        changes.push_back({operation.returned + history.skew, 1});
      } else if (operation.action == Action::pop && operation.outcome != Outcome::empty) {
        changes.push_back({operation.invoked > history.skew ? operation.invoked - history.skew : 0, -1});
      }
    }
  }
  for (auto& [object, changes] : objects) {
    // Among changes at the same time, departures come first: only certain occupancy counts.
    std::sort(changes.begin(), changes.end(),
              [](const Change& a, const Change& b) { return std::tie(a.at, a.items) < std::tie(b.at, b.items); });
    std::int64_t inside = 0, most = 0;
    for (const Change& change : changes) {
      inside += change.items;
      most = std::max(most, inside);
    }
    if (most > static_cast<std::int64_t>(history.capacity)) {
      return {Result::fail, "overflow", "oracle.capacity",
              "at least " + std::to_string(most) + " items were in the queue at one moment; its capacity is " +
                  std::to_string(history.capacity)};
    }
  }
  return {};
}

}  // namespace racetrack::oracle
