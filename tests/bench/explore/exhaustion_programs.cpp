// Programs whose faults need one particular choice: a spurious failure, a late store, a block that is reused or not, an
// early time-out. Also corrected twins, and programs that a search cannot exhaust.
#include <array>
#include <atomic>
#include <chrono>
#include <condition_variable>
#include <cstdint>
#include <memory>
#include <mutex>
#include <thread>

#include <linux/futex.h>
#include <sys/syscall.h>
#include <unistd.h>

#include <racetrack/explore.hpp>

namespace {

template <class Wait>
void waits_until_ready(Wait wait) {
  std::mutex mutex;
  std::condition_variable changed;
  bool ready = false;
  std::thread other([&] {
    const std::lock_guard lock(mutex);
    ready = true;
    changed.notify_one();
  });
  {
    std::unique_lock lock(mutex);
    wait(changed, lock, ready);
    racetrack::check(ready, "it is ready");
  }
  other.join();
}

/// The number of loads that return 0 before another thread's store.
int loads_before_the_store(int loads) {
  std::atomic<int> value{0};
  int before = 0;
  std::thread writer([&] { value.store(1); });
  for (int i = 0; i < loads; ++i) before += 1 - value.load();
  writer.join();
  return before;
}

/// Whether a freed block is reused.
bool gets_a_block_again() {
  std::atomic<std::uintptr_t> freed{0};
  std::thread other([&] {
    auto block = std::make_unique<std::array<char, 300>>();
    const auto address = reinterpret_cast<std::uintptr_t>(block.get());
    block.reset();
    freed = address;
  });
  other.join();
  const auto block = std::make_unique<std::array<char, 300>>();
  return reinterpret_cast<std::uintptr_t>(block.get()) == freed.load();
}

class SpinLock {
 public:
  void lock() {
    while (taken_.exchange(true)) {
    }
  }
  void unlock() { taken_ = false; }

 private:
  std::atomic<bool> taken_{false};
};

}  // namespace

RACETRACK_EXPLORE(waits_without_a_loop) {
  waits_until_ready([](auto& changed, auto& lock, const bool& ready) {
    if (!ready) changed.wait(lock);
  });
}
RACETRACK_EXPLORE(waits_in_a_loop) {
  waits_until_ready([](auto& changed, auto& lock, const bool& ready) {
    while (!ready) changed.wait(lock);
  });
}
template <bool kChecksAgain>
void waits_for_a_futex() {
  std::atomic<int> state{0};
  std::thread other([&] {
    state = 1;
    syscall(SYS_futex, &state, FUTEX_WAKE_PRIVATE, 1, nullptr, nullptr, 0);
  });
  do {
    syscall(SYS_futex, &state, FUTEX_WAIT_PRIVATE, 0, nullptr, nullptr, 0);
  } while (kChecksAgain && state == 0);
  racetrack::check(state == 1, "the state has changed");
  other.join();
}
RACETRACK_EXPLORE(waits_for_a_futex_once) { waits_for_a_futex<false>(); }
RACETRACK_EXPLORE(waits_for_a_futex_in_a_loop) { waits_for_a_futex<true>(); }
RACETRACK_EXPLORE(waits_an_hour_without_a_loop) {
  waits_until_ready([](auto& changed, auto& lock, const bool& ready) {
    if (!ready) changed.wait_for(lock, std::chrono::hours(1));
  });
}
RACETRACK_EXPLORE(exchanges_weakly_once_in_a_rare_case) {
  std::atomic<int> ticket{0}, turn{0};
  std::thread other([&] { turn = 1, turn = 2, turn = 3; });
  int expected = 0;
  if (turn == 2) racetrack::check(ticket.compare_exchange_weak(expected, 1), "no other thread wants the ticket");
  other.join();
}
RACETRACK_EXPLORE(exchanges_weakly_twice) {
  std::atomic<int> ticket{0};
  std::thread other([] {});
  int failures = 0;
  for (int expected = 0; !ticket.compare_exchange_weak(expected, 1); expected = 0) ++failures;
  racetrack::check(failures < 4, "it succeeds at the fourth attempt");
  other.join();
}
RACETRACK_EXPLORE(exchanges_strongly_once_in_a_rare_case) {
  std::atomic<int> ticket{0}, turn{0};
  std::thread other([&] { turn = 1, turn = 2, turn = 3; });
  int expected = 0;
  if (turn == 2) racetrack::check(ticket.compare_exchange_strong(expected, 1), "no other thread wants the ticket");
  other.join();
}

RACETRACK_EXPLORE(stores_before_load_39_of_60) { racetrack::check(loads_before_the_store(60) != 39, "not there"); }
RACETRACK_EXPLORE(stores_before_load_71_of_90) { racetrack::check(loads_before_the_store(90) != 71, "not there"); }
RACETRACK_EXPLORE(stores_after_all_90_loads) { racetrack::check(loads_before_the_store(90) != 90, "not there"); }
RACETRACK_EXPLORE(stores_somewhere_between_90_loads) {
  racetrack::check(loads_before_the_store(90) <= 90, "somewhere");
}

RACETRACK_EXPLORE(assumes_that_memory_is_not_reused) { racetrack::check(!gets_a_block_again(), "another block"); }
RACETRACK_EXPLORE(assumes_that_memory_is_reused) { racetrack::check(gets_a_block_again(), "the same block"); }

RACETRACK_EXPLORE(adds_twice) {
  std::atomic<int> sum{0};
  std::thread other([&] { sum += 1; });
  sum += 2;
  other.join();
  racetrack::check(sum == 3, "both are added");
}
RACETRACK_EXPLORE(adds_under_a_spin_lock) {
  SpinLock mutex;
  int sum = 0;
  const auto add = [&] {
    const std::lock_guard lock(mutex);
    ++sum;
  };
  std::thread other(add);
  add();
  other.join();
  racetrack::check(sum == 2, "both are added");
}
RACETRACK_EXPLORE(reads_the_clock) {
  const auto begin = std::chrono::steady_clock::now();
  std::thread other([] {});
  other.join();
  racetrack::check(std::chrono::steady_clock::now() >= begin, "time passes");
}
template <int kTimes>
void adds_often() {
  std::atomic<int> sum{0}, own{0};
  std::thread other([&] { own = 1; });
  for (int i = 0; i < kTimes; ++i) sum += 1;
  other.join();
  racetrack::check(sum == kTimes && own == 1, "all are added");
}
RACETRACK_EXPLORE(adds_3000_times) { adds_often<3000>(); }
RACETRACK_EXPLORE(adds_9000_times) { adds_often<9000>(); }
RACETRACK_EXPLORE(loads_a_stored_value_five_times) {
  std::atomic<int> value{0};
  std::thread other([&] { value.store(1, std::memory_order_relaxed); });
  int sum = 0;
  for (int i = 0; i < 5; ++i) sum += value.load(std::memory_order_relaxed);
  other.join();
  racetrack::check(sum <= 5, "0 or 1 each");
}
