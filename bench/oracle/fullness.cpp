#include "oracle/fullness.hpp"

#include <algorithm>
#include <cstdint>
#include <string>

#include "oracle/describe.hpp"

namespace racetrack::oracle {
namespace {

/// The largest number of items that may be inside at any time of an interval.
class Occupancy {
 public:
  explicit Occupancy(const std::vector<Passage>& items) {
    for (const Passage& item : items) {
      arrivals_.push_back(item.in.invoked);
      if (item.out.returned != kNever) departures_.push_back(item.out.returned);
    }
    std::sort(arrivals_.begin(), arrivals_.end());
    std::sort(departures_.begin(), departures_.end());
    // most_ is a tree of maxima: leaf i, at arrivals_.size() + i, is the occupancy at arrivals_[i].
    most_.resize(2 * arrivals_.size());
    for (std::size_t i = 0; i < arrivals_.size(); ++i) most_[arrivals_.size() + i] = at(arrivals_[i]);
    for (std::size_t i = arrivals_.size(); i-- > 1;) most_[i] = std::max(most_[2 * i], most_[2 * i + 1]);
  }

  /// Returns the maximum over the interval. The occupancy grows only at arrivals, so the maximum is at the interval's
  /// begin or at an arrival within it.
  [[nodiscard]] std::uint64_t most_within(const Interval& interval) const {
    std::uint64_t most = at(interval.invoked);
    const std::size_t leaves = arrivals_.size();
    std::size_t from = leaves + arrived_by(interval.invoked), to = leaves + arrived_by(interval.returned);
    for (; from < to; from /= 2, to /= 2) {
      if (from % 2 != 0) most = std::max(most, most_[from++]);
      if (to % 2 != 0) most = std::max(most, most_[--to]);
    }
    return most;
  }

 private:
  [[nodiscard]] std::size_t arrived_by(Ticks moment) const {
    return static_cast<std::size_t>(std::upper_bound(arrivals_.begin(), arrivals_.end(), moment) - arrivals_.begin());
  }
  [[nodiscard]] std::uint64_t at(Ticks moment) const {
    const auto left = std::lower_bound(departures_.begin(), departures_.end(), moment) - departures_.begin();
    // An item whose pop returned before its push was called (another oracle's finding) must not make this negative.
    const std::size_t arrived = arrived_by(moment);
    return arrived - std::min(arrived, static_cast<std::size_t>(left));
  }

  std::vector<Ticks> arrivals_, departures_;
  std::vector<std::uint64_t> most_;
};

}  // namespace

Verdict fullness(const History& history) { return fullness(history, passages_of(history)); }

Verdict fullness(const History& history, const std::vector<Passages>& objects) {
  if (history.capacity == 0) return {};
  for (const Passages& passages : objects) {
    if (passages.fulls.empty() || !passages.doubled.empty()) continue;
    const Occupancy occupancy(passages.items);
    for (const Operation* full : passages.fulls) {
      const std::uint64_t most = occupancy.most_within(interval_of(*full, history));
      if (most >= history.capacity) continue;
      return {Result::fail, "false_full", "oracle.full",
              Epoch(history).describe_with_time(*full) + ", but at most " + std::to_string(most) +
                  " items can have been inside at any moment of it; its capacity is " +
                  std::to_string(history.capacity)};
    }
  }
  return {};
}

}  // namespace racetrack::oracle
