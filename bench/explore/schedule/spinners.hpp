// Threads that have repeatedly read the same values. They need not run until another thread writes there.
#pragma once

#include <array>
#include <bit>
#include <cstdint>

#include "explore/schedule/footprint.hpp"
#include "explore/schedule/strategy.hpp"
#include "explore/thread.hpp"

namespace racetrack::explore {

class Spinners {
 public:
  void clear() noexcept { waiting_ = 0; }
  void add(const Thread& thread) noexcept {
    waiting_ |= thread.bit();
    observed_[thread.id] = thread.observed;
  }
  void remove(ThreadSet threads) noexcept { waiting_ &= static_cast<ThreadSet>(~threads); }
  void observe(const Touch& touch) noexcept {
    if (waiting_ == 0 || touch.kind != Touch::Kind::write) return;
    for (ThreadSet set = waiting_; set != 0; set &= set - 1) {
      const auto thread = static_cast<ThreadId>(std::countr_zero(set));
      for (unsigned i = 0; i < observed_[thread].count; ++i) {
        const std::uintptr_t at = observed_[thread].at[i].address;
        if (at - touch.address < touch.size) remove(set_of(thread));
      }
    }
  }
  [[nodiscard]] ThreadSet waiting() const noexcept { return waiting_; }

 private:
  ThreadSet waiting_ = 0;
  std::array<ObservedValues, kMostThreads> observed_{};
};

}  // namespace racetrack::explore
