// The lecture's locks a and b: each of two threads needs both.
//
//   same_order        as in the lecture: each thread takes a, then b. Correct.
//   opposite_order    one thread takes a then b, the other b then a: each can hold the lock that the other wants
//                     (Coffman et al., System Deadlocks, 1971). Deadlock.
//   scoped_lock       std::scoped_lock takes both without deadlock, whichever lock is named first.
//   try_lock_backoff  a thread that does not get the second lock releases the first and starts again. No deadlock, but
//                     no guarantee of progress either: two threads can back off from each other without end (livelock).
//   hierarchical      every lock has a level, and a thread that holds one may only take lower ones (Williams, C++
//                     Concurrency in Action, 3.2.5). The wrong order is refused at once, even when no other thread
//                     takes the opposite order.
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

/// The data that the locks protect: money moves from one account to the other.
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
      std::this_thread::yield();  // the backoff holds neither lock, so that the other thread can get this one
    }
  }

 private:
  std::mutex a_, b_;
  Accounts accounts_;
};

/// Throws std::logic_error when a thread locks it while holding a lock of the same or a lower level.
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
  unsigned level_before_ = 0;  ///< the level held by the mutex's owner before it locked
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
