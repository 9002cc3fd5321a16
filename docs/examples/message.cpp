// The programs of docs/weak-memory.md: a message whose orders are too weak, and the same with release and acquire.
#include <atomic>
#include <thread>

#include <racetrack/explore.hpp>

RACETRACK_EXPLORE(message_relaxed) {
  std::atomic<int> message = 0;
  std::atomic<bool> ready = false;
  std::thread sender([&] {
    message.store(42, std::memory_order_relaxed);
    ready.store(true, std::memory_order_relaxed);
  });
  if (ready.load(std::memory_order_relaxed))
    racetrack::check_equal(message.load(std::memory_order_relaxed), 42, "the message");
  sender.join();
}

RACETRACK_EXPLORE(message_released) {
  std::atomic<int> message = 0;
  std::atomic<bool> ready = false;
  std::thread sender([&] {
    message.store(42, std::memory_order_relaxed);
    ready.store(true, std::memory_order_release);  // pairs with the acquire load of `ready`
  });
  if (ready.load(std::memory_order_acquire))  // pairs with the release store of `ready`
    racetrack::check_equal(message.load(std::memory_order_relaxed), 42, "the message");
  sender.join();
}
