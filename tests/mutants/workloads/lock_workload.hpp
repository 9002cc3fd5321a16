// The contract of a lock: one owner at a time, and each sees the writes of the previous one.
#pragma once

#include <array>
#include <thread>

#include <racetrack/explore.hpp>

/// `Guard` holds the lock for its scope. With three threads, one waits behind another waiting thread.
template <class Guard, class Lock>
void count_under(Lock& lock) {
  constexpr int kThreads = 3, kTimes = 2;
  int count = 0;  // plain: a race if the lock does not order the accesses
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
