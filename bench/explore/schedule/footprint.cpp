#include "explore/schedule/footprint.hpp"

#include <algorithm>

namespace racetrack::explore {
namespace {

std::uint64_t bits_of(std::uintptr_t begin, std::uintptr_t end) noexcept {
  const std::uintptr_t first = begin >> 3U, last = (end - 1) >> 3U;
  if (last - first >= 8) return ~std::uint64_t{0};
  std::uint64_t bits = 0;
  for (std::uintptr_t word = first; word <= last; ++word) {
    bits |= std::uint64_t{1} << ((word * 0x9E3779B97F4A7C15U) >> 58U);
  }
  return bits;
}

}  // namespace

void Footprint::clear() noexcept {
  ranges_.clear();
  reads_ = writes_ = 0;
  invokes_ = responds_ = everything_ = false;
}

void Footprint::add(const Touch& touch) {
  switch (touch.kind) {
    case Touch::Kind::invocation: invokes_ = true; return;
    case Touch::Kind::response: responds_ = true; return;
    case Touch::Kind::time: everything_ = true; return;
    default: break;
  }
  const Range added{touch.address, touch.address + std::max<std::size_t>(touch.size, 1), touch.kind};
  const auto covers = [&](const Range& known) {
    return known.begin <= added.begin && added.end <= known.end &&
           (known.kind == added.kind || known.kind == Touch::Kind::write || !added.writes());
  };
  if (everything_ || std::any_of(ranges_.rbegin(), ranges_.rend(), covers)) return;
  if (ranges_.size() == kMostRanges) {
    everything_ = true;
    return;
  }
  ranges_.push_back(added);
  (added.writes() ? writes_ : reads_) |= bits_of(added.begin, added.end);
}

bool Footprint::depends_on_more_than_memory(const Footprint& other) const noexcept {
  return everything_ || other.everything_ || (invokes_ && other.responds_) || (responds_ && other.invokes_);
}

bool Footprint::depends_on(const Footprint& other) const noexcept {
  if (depends_on_more_than_memory(other)) return true;
  if ((writes_ & (other.reads_ | other.writes_)) == 0 && (reads_ & other.writes_) == 0) return false;
  return std::any_of(ranges_.begin(), ranges_.end(), [&](const Range& one) {
    return std::any_of(other.ranges_.begin(), other.ranges_.end(), [&](const Range& two) { return depend(one, two); });
  });
}

std::optional<std::uintptr_t> Footprint::handed_over_by(const Footprint& earlier) const noexcept {
  std::optional<std::uintptr_t> mutex;
  if (depends_on_more_than_memory(earlier)) return mutex;
  for (const Range& before : earlier.ranges_) {
    for (const Range& now : ranges_) {
      if (!depend(before, now)) continue;
      const bool waits = now.kind == Touch::Kind::lock || (now.kind == Touch::Kind::unlock && locks(now.begin));
      if (before.kind != Touch::Kind::unlock || !waits) return std::nullopt;
      mutex = now.begin;
    }
  }
  return mutex;
}

bool Footprint::locks(std::uintptr_t mutex) const noexcept {
  return std::any_of(ranges_.begin(), ranges_.end(),
                     [&](const Range& each) { return each.begin == mutex && each.kind == Touch::Kind::lock; });
}

}  // namespace racetrack::explore
