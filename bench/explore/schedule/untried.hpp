// The kinds of behaviour that an execution or a search leaves out.
#pragma once

#include <cstdint>
#include <string>

namespace racetrack::explore {

enum class Untried : std::uint8_t {
  preemptions,        ///< more preemptions
  spurious_failures,  ///< more spurious wakeups or spurious failures of weak compare-exchanges
  time_outs,          ///< more time-outs that fire while another thread can run
  memory_reuse,       ///< freed memory that is not reused
  stale_reads,        ///< more loads that read an older store than the latest
  fairness,           ///< more turns of a thread that yields, seems to spin, or has run very many steps in a row
  later_steps,        ///< other orders of the later steps of an execution
  execution_length,   ///< the steps of an execution after it was cut off
  clock,              ///< other values read from a clock
  repeated_loads,     ///< stale reads by a thread that has read known values several times in a row
  old_stores,         ///< loads of stores that are no longer kept in a location's history
  mixed_sizes,        ///< stale reads where atomic objects of different sizes overlap
};
inline constexpr unsigned kUntriedKinds = 12;

class UntriedSet {
 public:
  void add(Untried kind) noexcept { bits_ |= bit(kind); }
  void add(UntriedSet others) noexcept { bits_ |= others.bits_; }
  void remove(Untried kind) noexcept { bits_ &= ~bit(kind); }
  void clear() noexcept { bits_ = 0; }
  [[nodiscard]] bool contains(Untried kind) const noexcept { return (bits_ & bit(kind)) != 0; }
  [[nodiscard]] bool empty() const noexcept { return bits_ == 0; }
  bool operator==(const UntriedSet&) const = default;

 private:
  static constexpr std::uint32_t bit(Untried kind) noexcept { return 1U << static_cast<unsigned>(kind); }
  std::uint32_t bits_ = 0;
};

}  // namespace racetrack::explore
