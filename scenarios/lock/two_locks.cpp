// The lecture's locks a and b: two threads that need both.
//
//   same_order        as the lecture has it: everybody takes a, then b. Clean.
//   opposite_order    one takes a then b, the other b then a: each can hold what the other wants (Coffman et al., System
//                     Deadlocks, 1971). Deadlock.
//   scoped_lock       std::scoped_lock takes both without deadlock, in whatever order they are named.
//   try_lock_backoff  who does not get the second gives the first back and begins again. No deadlock, but no promise of
//                     progress either: two can step aside for each other for ever (livelock).
//   hierarchical      every lock has a level, and who holds one may only take lower ones (Williams, C++ Concurrency in
//                     Action, 3.2.5): the wrong order is refused at once, not only when it meets its opposite.
#include <cstddef>
#include <limits>
#include <mutex>
#include <stdexcept>
#include <string>
#include <thread>

#include <racetrack/expectations.hpp>
#include <racetrack/lock.hpp>
#include <racetrack/plugin.hpp>
#include <racetrack/standard_library.hpp>

namespace {

/// What the locks protect: money moves from one account to the other.
struct Accounts {
  long in_a = 0, in_b = 0;
  void move() {
    --in_a;
    ++in_b;
  }
};

class SameOrder {
 public:
  static constexpr std::size_t kThreads = 2;
  void step(std::size_t /*thread*/) {
    const std::lock_guard first(a_);
    const std::lock_guard second(b_);
    accounts_.move();
  }

 private:
  std::mutex a_, b_;
  Accounts accounts_;
};

class OppositeOrder {
 public:
  static constexpr std::size_t kThreads = 2;
  void step(std::size_t thread) {
    const std::lock_guard first(thread == 0 ? a_ : b_);
    const std::lock_guard second(thread == 0 ? b_ : a_);
    accounts_.move();
  }

 private:
  std::mutex a_, b_;
  Accounts accounts_;
};

class ScopedLock {
 public:
  static constexpr std::size_t kThreads = 2;
  void step(std::size_t thread) {
    const std::scoped_lock both(thread == 0 ? a_ : b_, thread == 0 ? b_ : a_);
    accounts_.move();
  }

 private:
  std::mutex a_, b_;
  Accounts accounts_;
};

class TryLockBackoff {
 public:
  static constexpr std::size_t kThreads = 2;
  void step(std::size_t thread) {
    std::mutex& mine = thread == 0 ? a_ : b_;
    std::mutex& other = thread == 0 ? b_ : a_;
    for (;;) {
      {
        const std::lock_guard first(mine);
        const std::unique_lock second(other, std::try_to_lock);
        if (second.owns_lock()) {
          accounts_.move();
          return;
        }
      }
      std::this_thread::yield();  // the backoff, with neither lock held: else the other one would find this one taken
    }
  }

 private:
  std::mutex a_, b_;
  Accounts accounts_;
};

/// Throws std::logic_error when it is locked by a thread that holds a lock of its level or a lower one.
class HierarchicalMutex {
 public:
  explicit HierarchicalMutex(unsigned level) : level_(level) {}

  void lock() {
    if (level_ >= held_level) {
      throw std::logic_error("lock of level " + std::to_string(level_) + " taken under level " +
                             std::to_string(held_level));
    }
    mutex_.lock();
    level_before_ = held_level;
    held_level = level_;
  }
  void unlock() {
    held_level = level_before_;
    mutex_.unlock();
  }

 private:
  static inline thread_local unsigned held_level = std::numeric_limits<unsigned>::max();

  const unsigned level_;
  std::mutex mutex_;
  unsigned level_before_ = 0;  ///< of the thread that holds the mutex
};

class Hierarchical {
 public:
  static constexpr std::size_t kThreads = 2;
  void step(std::size_t /*thread*/) {
    const std::lock_guard first(a_);
    const std::lock_guard second(b_);
    accounts_.move();
  }

 private:
  HierarchicalMutex a_{2}, b_{1};
  Accounts accounts_;
};

}  // namespace

RACETRACK_PLUGIN(registry) {
  using racetrack::lock::Family;
  const racetrack::lock::Traits traits{.workload = "two_locks", .library = racetrack::standard_library()};
  registry.add<Family, SameOrder>("same_order", traits);
  registry.add<Family, OppositeOrder>("opposite_order", traits, racetrack::expect_deadlock(),
                                      racetrack::Standing::control);
  registry.add<Family, ScopedLock>("scoped_lock", traits);
  registry.add<Family, TryLockBackoff>("try_lock_backoff", traits);
  registry.add<Family, Hierarchical>("hierarchical", traits);
}
