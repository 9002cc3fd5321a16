#include "spinlock.hpp"

#include <mutex>

#include <racetrack/explore.hpp>

#include "lock_workload.hpp"

RACETRACK_EXPLORE(one_at_a_time) {
  Spinlock lock;
  count_under<std::lock_guard<Spinlock>>(lock);
}

RACETRACK_EXPLORE(try_lock_holds_the_lock_alone) {
  Spinlock lock;
  int count = 0;
  std::thread other([&] {
    if (!lock.try_lock()) return;
    ++count;
    lock.unlock();
  });
  {
    const std::lock_guard guard(lock);
    ++count;
  }
  other.join();
  racetrack::check(count == 1 || count == 2, "no increment is lost");
}
