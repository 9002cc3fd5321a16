// Threads that have looked at the same again and again: until somebody changes what they look at, they need not go on.
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
    looks_[thread.id] = thread.looks;
  }
  void remove(ThreadSet threads) noexcept { waiting_ &= static_cast<ThreadSet>(~threads); }
  void see(const Touch& touch) noexcept {
    if (waiting_ == 0 || touch.kind != Touch::Kind::write) return;
    for (ThreadSet set = waiting_; set != 0; set &= set - 1) {
      const auto thread = static_cast<ThreadId>(std::countr_zero(set));
      for (unsigned i = 0; i < looks_[thread].count; ++i) {
        const std::uintptr_t at = looks_[thread].at[i].address;
        if (at - touch.address < touch.size) remove(set_of(thread));
      }
    }
  }
  [[nodiscard]] ThreadSet waiting() const noexcept { return waiting_; }

 private:
  ThreadSet waiting_ = 0;
  std::array<Looks, kMostThreads> looks_{};
};

}  // namespace racetrack::explore
