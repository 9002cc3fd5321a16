// The programs of docs/fences.md: an item published by fences, and the same without the release fence.
#include <atomic>
#include <thread>

#include <racetrack/explore.hpp>

RACETRACK_EXPLORE(published_by_fences) {
  int item = 0;
  std::atomic<bool> ready = false;
  std::thread producer([&] {
    item = 42;
    std::atomic_thread_fence(std::memory_order_release);
    ready.store(true, std::memory_order_relaxed);
  });
  if (ready.load(std::memory_order_relaxed)) {
    std::atomic_thread_fence(std::memory_order_acquire);
    racetrack::check(item == 42, "the item is complete");
  }
  producer.join();
}

RACETRACK_EXPLORE(published_without_release) {
  int item = 0;
  std::atomic<bool> ready = false;
  std::thread producer([&] {
    item = 42;
    ready.store(true, std::memory_order_relaxed);
  });
  if (ready.load(std::memory_order_relaxed)) {
    std::atomic_thread_fence(std::memory_order_acquire);
    racetrack::check(item == 42, "the item is complete");
  }
  producer.join();
}
