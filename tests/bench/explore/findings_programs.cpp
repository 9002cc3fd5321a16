// A program of tests for test_findings.py: what becomes a finding, what is inconclusive, and what the verdict line adds.
#include <racetrack/explore.hpp>

#include <atomic>
#include <thread>

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
