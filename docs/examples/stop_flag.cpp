// The bug on the first screen of README.md, and its corrected form.
#include <atomic>
#include <condition_variable>
#include <mutex>
#include <thread>

#include <racetrack/explore.hpp>

RACETRACK_EXPLORE(worker_stops) {
  std::mutex mutex;
  std::condition_variable changed;
  std::atomic<bool> stop = false;
  std::thread worker([&] {
    std::unique_lock lock(mutex);
    changed.wait(lock, [&] { return stop.load(); });
  });
  stop = true;
  changed.notify_one();
  worker.join();
}

RACETRACK_EXPLORE(worker_stops_corrected) {
  std::mutex mutex;
  std::condition_variable changed;
  std::atomic<bool> stop = false;
  std::thread worker([&] {
    std::unique_lock lock(mutex);
    changed.wait(lock, [&] { return stop.load(); });
  });
  {
    const std::lock_guard lock(mutex);  // no worker is between its check and its wait
    stop = true;
  }
  changed.notify_one();
  worker.join();
}
