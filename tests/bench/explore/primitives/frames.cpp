// Synchronisation objects in stack frames that have returned, and blocks that are freed while another thread uses them.
#include <atomic>
#include <latch>
#include <memory>
#include <mutex>
#include <thread>

#include <pthread.h>

#include <racetrack/explore.hpp>

namespace {

std::thread left_behind;
std::atomic<bool> may_go = false;

template <class Object, class Use>
[[gnu::noinline]] void lend_to_a_thread(Use use, bool joins) {
  Object object{};
  left_behind = std::thread([&object, use] {
    while (!may_go.load()) std::this_thread::yield();
    use(object);
  });
  if (joins) {
    may_go = true;
    left_behind.join();
  }
}
template <class Object, class Use>
void lend(Use use, bool joins) {
  lend_to_a_thread<Object>(use, joins);
  if (joins) return;
  may_go = true;
  left_behind.join();
}

const auto add = [](std::atomic<int>& count) { ++count; };
const auto lock_once = [](std::mutex& mutex) { const std::lock_guard lock(mutex); };

/// The address of a mutex that no longer exists.
[[gnu::noinline]] std::mutex* returned_mutex() {
  std::mutex mutex;
  mutex.lock();
  mutex.unlock();
  static std::atomic<std::mutex*> unknown;
  unknown = &mutex;
  return unknown;
}

[[gnu::noinline]] int deep(int depth) {
  std::atomic<int> here = depth;
  std::mutex mutex;
  const std::lock_guard lock(mutex);
  return depth == 0 ? here.load() : deep(depth - 1) + here.load();
}

/// A mutex that is still locked when its frame returns.
[[gnu::noinline]] void leave_a_lock() {
  pthread_mutex_t mutex = PTHREAD_MUTEX_INITIALIZER;
  pthread_mutex_lock(&mutex);
}
[[gnu::noinline]] void throw_from(std::mutex& outer) {
  std::mutex inner;
  const std::lock_guard lock(inner);
  const std::lock_guard second(outer);
  throw 1;
}

}  // namespace

RACETRACK_EXPLORE(fault_atomic_of_a_frame_that_is_gone) { lend<std::atomic<int>>(add, false); }
RACETRACK_EXPLORE(atomic_of_a_frame_that_waits) { lend<std::atomic<int>>(add, true); }
RACETRACK_EXPLORE(fault_mutex_of_a_frame_that_is_gone) { lend<std::mutex>(lock_once, false); }
RACETRACK_EXPLORE(mutex_of_a_frame_that_waits) { lend<std::mutex>(lock_once, true); }
RACETRACK_EXPLORE(fault_mutex_of_a_function_that_returned) { returned_mutex()->lock(); }
RACETRACK_EXPLORE(fault_atomic_of_a_thread_that_ended) {
  static std::atomic<std::atomic<int>*> known = nullptr;
  std::thread([] {
    std::atomic<int> count = 0;
    known = &count;
    ++count;
  }).join();
  ++*known.load();
}
RACETRACK_EXPLORE(thread_local_objects_live_as_long_as_their_thread) {
  static std::atomic<std::atomic<int>*> known = nullptr;
  std::thread other([] {
    thread_local std::atomic<int> count = 0;
    known = &count;
    while (count == 0) std::this_thread::yield();
  });
  while (known == nullptr) std::this_thread::yield();
  ++*known.load();
  other.join();
}
RACETRACK_EXPLORE(frames_at_the_same_address_are_different_objects) {
  std::mutex outer;
  const auto use = [&outer] {
    for (int turn = 0; turn < 3; ++turn) {
      racetrack::check(deep(3) == 6, "as deep as it was");
      leave_a_lock();
      try {
        throw_from(outer);
      } catch (int) {
        const std::lock_guard lock(outer);
      }
      const auto count = std::make_unique<std::atomic<int>>(turn);
      std::thread inner([&] { ++*count; });
      inner.join();
    }
  };
  std::thread other(use);
  use();
  other.join();
}
RACETRACK_EXPLORE(latch_of_a_frame) {
  const auto wait_for_one = [] {
    std::latch done(1);
    std::thread([&done] { done.count_down(); }).detach();
    done.wait();
  };
  wait_for_one();
  wait_for_one();
}

RACETRACK_EXPLORE(fault_block_freed_after_a_relaxed_flag) {
  auto* const word = new int(1);
  std::atomic<bool> done = false;
  std::thread reader([&done, word] {
    racetrack::check(*word == 1, "as it was written");
    done.store(true, std::memory_order_relaxed);
  });
  while (!done.load(std::memory_order_relaxed)) std::this_thread::yield();
  delete word;
  reader.join();
}
RACETRACK_EXPLORE(block_freed_after_its_reader) {
  auto* const word = new int(1);
  std::thread reader([word] { racetrack::check(*word == 1, "as it was written"); });
  reader.join();
  delete word;
}
