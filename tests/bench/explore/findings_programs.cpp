// A program of tests for test_findings.py: what becomes a finding, what is inconclusive, and what the verdict line adds.
#include <racetrack/explore.hpp>

#include <array>
#include <atomic>
#include <thread>
#include <vector>

RACETRACK_EXPLORE(starts_no_thread) {
  std::atomic<int> count{0};
  ++count;
  racetrack::check(count == 1, "it is counted");
}

RACETRACK_EXPLORE(starts_a_thread) {
  std::atomic<int> count{0};
  std::thread other([&] { ++count; });
  ++count;
  other.join();
  racetrack::check(count == 2, "both are counted");
}

namespace {

/// Each thread but the last adds under its turn; the last one also where it is not its turn, if `races`.
void many_threads(std::size_t count, bool races) {
  int sum = 0;
  std::atomic<std::size_t> turn{0};
  std::vector<std::thread> threads;
  for (std::size_t i = 0; i < count; ++i) {
    threads.emplace_back([&, i] {
      while (turn.load(std::memory_order_acquire) != i && !(races && i + 1 == count)) std::this_thread::yield();
      ++sum;
      if (turn.load(std::memory_order_relaxed) == i) turn.store(i + 1, std::memory_order_release);
    });
  }
  for (std::thread& thread : threads) thread.join();
}

}  // namespace

RACETRACK_EXPLORE(forty_threads_in_turn) { many_threads(40, false); }
RACETRACK_EXPLORE(the_last_of_forty_threads_races) { many_threads(40, true); }
RACETRACK_EXPLORE(as_many_threads_as_there_may_be) {
  std::array<std::thread, 63> threads;
  std::atomic<int> count{0};
  for (std::thread& thread : threads) thread = std::thread([&] { ++count; });
  for (std::thread& thread : threads) thread.join();
  racetrack::check(count == 63, "all are counted");
}
