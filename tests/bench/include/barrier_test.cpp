#include <racetrack/barrier.hpp>

#include <atomic>
#include <thread>
#include <vector>

#include <gtest/gtest.h>

namespace racetrack {
namespace {

TEST(SpinBarrier, LetsNoThreadIntoAPhaseBeforeAllHaveEndedTheLast) {
  constexpr std::size_t kThreads = 4;
  constexpr int kPhases = 1000;
  for (const bool oversubscribed : {false, true}) {
    const int phases = oversubscribed ? kPhases : kPhases / 10;  // spinning wastes whole time slices
    SpinBarrier barrier(kThreads, oversubscribed);
    // The ints are not atomic: the barrier must order writes before it with reads after it.
    std::vector<int> phase_of(kThreads, 0);
    std::atomic<int> wrong{0};
    std::vector<std::thread> threads;
    for (std::size_t self = 0; self < kThreads; ++self) {
      threads.emplace_back([&, self] {
        for (int phase = 1; phase <= phases; ++phase) {
          phase_of[self] = phase;
          barrier.arrive_and_wait();
          for (const int other : phase_of) wrong += other == phase ? 0 : 1;
          barrier.arrive_and_wait();
        }
      });
    }
    for (std::thread& thread : threads) thread.join();
    EXPECT_EQ(wrong, 0);
  }
}

TEST(SpinBarrier, OfOneThreadNeverWaits) {
  SpinBarrier barrier(1, false);
  for (int phase = 0; phase < 1000; ++phase) barrier.arrive_and_wait();
}

}  // namespace
}  // namespace racetrack
