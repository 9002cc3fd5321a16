// The workers' parking place: no worker sleeps while there is work or after the end, and a woken worker sees the
// waker's writes.
#include "parking.hpp"

#include <array>
#include <atomic>
#include <thread>

#include <racetrack/explore.hpp>

namespace {

/// Work as in the pool: only the parking place's fences order it.
struct Work {
  Parking parking;
  std::atomic<int> left{0};
  std::atomic<bool> over{false};

  void make() {
    left.fetch_add(1, std::memory_order_relaxed);
    parking.wake_one();
  }
  void end() {
    over.store(true, std::memory_order_relaxed);
    parking.wake_all();
  }
  bool take() {
    int seen = left.load(std::memory_order_relaxed);
    while (seen != 0) {
      if (left.compare_exchange_weak(seen, seen - 1, std::memory_order_relaxed)) return true;
    }
    return false;
  }
  /// Returns true when it has taken work, false at the end.
  bool next() {
    for (;;) {
      if (take()) return true;
      if (over.load(std::memory_order_relaxed)) return false;
      const Parking::Epoch epoch = parking.announce();
      const bool found = take();
      if (found || over.load(std::memory_order_relaxed)) {
        if (parking.withdraw(epoch) && left.load(std::memory_order_relaxed) != 0) parking.wake_one();
        return found;
      }
      parking.park(epoch);
    }
  }
};

}  // namespace

RACETRACK_EXPLORE(work_wakes_a_sleeper) {
  Work work;
  std::thread sleeper([&] { racetrack::check(work.next(), "there is work"); });
  work.make();
  sleeper.join();
}

RACETRACK_EXPLORE(work_for_two_wakes_two) {
  Work work;
  std::array<std::thread, 2> sleepers;
  for (std::thread& sleeper : sleepers) sleeper = std::thread([&] { racetrack::check(work.next(), "there is work"); });
  work.make();
  work.make();
  for (std::thread& sleeper : sleepers) sleeper.join();
}

// A worker that withdraws because it has found work must not wait for a token that another sleeper may take.
RACETRACK_EXPLORE(a_worker_with_work_does_not_sleep) {
  Work work;
  std::atomic<bool> done{false};
  std::array<std::thread, 2> sleepers;
  for (std::thread& sleeper : sleepers) {
    sleeper = std::thread([&] {
      while (work.next()) {
        done.store(true, std::memory_order_release);
        done.notify_one();
      }
    });
  }
  work.make();
  done.wait(false, std::memory_order_acquire);
  work.end();
  for (std::thread& sleeper : sleepers) sleeper.join();
}

RACETRACK_EXPLORE(the_end_wakes_all) {
  Work work;
  std::array<std::thread, 2> sleepers;
  for (std::thread& sleeper : sleepers) {
    sleeper = std::thread([&] {
      while (work.next()) {
      }
    });
  }
  work.make();
  work.end();
  for (std::thread& sleeper : sleepers) sleeper.join();
}

// When two threads call wake_all() at the same time, one finds the counter already in the other's epoch. A worker that
// announces itself in that epoch must see the writes of both.
RACETRACK_EXPLORE(two_ends_at_once) {
  Parking parking;
  std::array<std::atomic<bool>, 2> over{};
  std::array<std::thread, 2> ending;
  for (std::size_t i = 0; i < 2; ++i) {
    ending[i] = std::thread([&, i] {
      over[i].store(true, std::memory_order_relaxed);
      parking.wake_all();
    });
  }
  for (const std::atomic<bool>& each : over) {
    while (!each.load(std::memory_order_relaxed)) {
      const Parking::Epoch epoch = parking.announce();
      if (each.load(std::memory_order_relaxed)) {
        static_cast<void>(parking.withdraw(epoch));
      } else {
        parking.park(epoch);
      }
    }
  }
  for (std::thread& thread : ending) thread.join();
}

/// A plain value is written before the wakeup, and nothing else wakes the sleeper.
template <class Wake>
void check_that_a_woken_thread_sees_earlier_writes(Wake&& wake) {
  Parking parking;
  int made = 0;
  std::atomic<bool> announced{false};
  std::thread sleeper([&] {
    const Parking::Epoch epoch = parking.announce();
    announced.store(true, std::memory_order_relaxed);
    parking.park(epoch);
    racetrack::check(made == 1, "a woken thread sees the writes before the wakeup");
  });
  while (!announced.load(std::memory_order_relaxed)) std::this_thread::yield();
  made = 1;
  wake(parking);
  sleeper.join();
}

RACETRACK_EXPLORE(a_token_publishes_earlier_writes) {
  check_that_a_woken_thread_sees_earlier_writes([](Parking& parking) { parking.wake_one(); });
}

RACETRACK_EXPLORE(a_new_epoch_publishes_earlier_writes) {
  check_that_a_woken_thread_sees_earlier_writes([](Parking& parking) { parking.wake_all(); });
}
