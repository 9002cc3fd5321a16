// A program that starts a thread before main, when no execution runs yet.
#include <atomic>
#include <chrono>
#include <thread>

#include <racetrack/explore.hpp>

namespace {

std::atomic<int> count = 0;

/// Joined before main, but the system may still list it.
const bool ended = [] {
  std::thread([] { ++count; }).join();
  return true;
}();

/// Lives as long as the process.
const bool started = [] {
  std::thread([] {
    for (;;) std::this_thread::sleep_for(std::chrono::hours(1));
  }).detach();
  return true;
}();

}  // namespace

RACETRACK_EXPLORE(runs_with_an_earlier_thread) { racetrack::check(ended && started && ++count > 0, "it is counted"); }
