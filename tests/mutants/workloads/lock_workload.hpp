// What a lock must keep: one at a time, each seeing what the one before did.
#pragma once

#include <array>
#include <thread>

#include <racetrack/explore.hpp>

/// `Guard` holds the lock for its scope. Three threads, so that one waits behind another that waits.
template <class Guard, class Lock>
void count_under(Lock& lock) {
  constexpr int kThreads = 3, kTimes = 2;
  int count = 0;  // plain: a race, where the lock does not order
  const auto add = [&] {
    for (int i = 0; i < kTimes; ++i) {
      const Guard guard(lock);
      ++count;
    }
  };
  std::array<std::thread, kThreads - 1> others;
  for (std::thread& thread : others) thread = std::thread(add);
  add();
  for (std::thread& thread : others) thread.join();
  racetrack::check(count == kThreads * kTimes, "every turn counts");
}
