// A program of tests for test_world.py that contains rdtsc.
#include <atomic>
#include <thread>

#include <x86intrin.h>

#include <racetrack/explore.hpp>

namespace {

int count = 0;

/// How many steps a thread has depends on the counter.
void count_slowly() {
  std::atomic<int> steps{0};
  for (auto left = __rdtsc() % 61; left != 0; --left) ++steps;
  ++count;
}

}  // namespace

/// Its race is repeated only where the counter shows virtual time.
RACETRACK_EXPLORE(draws_from_time_stamps) {
  std::thread other(count_slowly);
  count_slowly();
  other.join();
}

RACETRACK_EXPLORE(reads_the_counter) {
  const auto before = __rdtsc();
  std::thread([] {}).join();
  racetrack::check(__rdtsc() >= before, "time does not run backwards");
}

RACETRACK_EXPLORE(reads_nothing) {
  std::thread([] {}).join();
}
