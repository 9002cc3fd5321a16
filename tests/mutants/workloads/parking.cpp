// Where workers sleep: nobody sleeps on beside work or after the end, and who wakes sees what was made.
#include "parking.hpp"

#include <array>
#include <atomic>
#include <thread>

#include <racetrack/explore.hpp>

namespace {

/// Work as the pool has it: ordered by nothing but the parking place's fences.
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
  /// Until there is work (true), or the end (false).
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

// Who withdraws because it has found work must not wait for a token that another sleeper may take.
RACETRACK_EXPLORE(who_has_work_in_hand_does_not_sleep) {
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

// Of two who wake all at the same time, one finds the counter in the other's epoch already. Who announces itself in that must see what both have
// done.
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

/// A plain value that is made before the waking; the sleeper is not woken by anything else.
template <class Wake>
void check_that_the_woken_sees_what_was_made(Wake&& wake) {
  Parking parking;
  int made = 0;
  std::atomic<bool> announced{false};
  std::thread sleeper([&] {
    const Parking::Epoch epoch = parking.announce();
    announced.store(true, std::memory_order_relaxed);
    parking.park(epoch);
    racetrack::check(made == 1, "who is woken sees what was made");
  });
  while (!announced.load(std::memory_order_relaxed)) std::this_thread::yield();
  made = 1;
  wake(parking);
  sleeper.join();
}

RACETRACK_EXPLORE(a_token_publishes_what_was_made) {
  check_that_the_woken_sees_what_was_made([](Parking& parking) { parking.wake_one(); });
}

RACETRACK_EXPLORE(a_new_epoch_publishes_what_was_made) {
  check_that_the_woken_sees_what_was_made([](Parking& parking) { parking.wake_all(); });
}
