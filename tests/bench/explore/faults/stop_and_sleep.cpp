// A lock-free flag with a count of sleepers: the waker reads the count before it sets the flag.
#include <atomic>
#include <condition_variable>
#include <mutex>
#include <stop_token>
#include <thread>

#include <racetrack/explore.hpp>

namespace {
template <bool kFlagFirst>
void run() {
  std::atomic<bool> flag = false;
  std::atomic<int> sleepers = 0;
  std::atomic<int> word = 0;
  std::thread waiter([&] {
    ++sleepers;
    while (!flag) {
      const int seen = word.load();
      if (flag) {
        break;
      }
      word.wait(seen);
    }
    --sleepers;
  });
  if constexpr (kFlagFirst) {
    flag = true;
    if (sleepers > 0) {
      ++word;
      word.notify_all();
    }
  } else {
    const bool someone = sleepers > 0;
    flag = true;
    if (someone) {
      ++word;
      word.notify_all();
    }
  }
  waiter.join();
}
}  // namespace
RACETRACK_EXPLORE(sleepers_counted_too_early) { run<false>(); }
RACETRACK_EXPLORE(sleepers_counted_after_flag) { run<true>(); }
// A stop is requested by an atomic and a notification without the mutex, between the sleeper's check and its wait.
RACETRACK_EXPLORE(stop_between_check_and_sleep) {
  std::mutex mutex;
  std::condition_variable_any wake;
  std::stop_source source;
  std::jthread worker([&] {
    std::unique_lock lock(mutex);
    while (!source.stop_requested()) {
      wake.wait(lock);
    }
  });
  source.request_stop();
  wake.notify_all();
}
RACETRACK_EXPLORE(stop_by_token) {
  std::mutex mutex;
  std::condition_variable_any wake;
  std::jthread worker([&](const std::stop_token& token) {
    std::unique_lock lock(mutex);
    wake.wait(lock, token, [] { return false; });
  });
  worker.request_stop();
}
