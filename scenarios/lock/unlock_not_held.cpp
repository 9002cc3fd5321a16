// The lecture's `finally` after a failed acquire: it releases a lock that the thread does not hold. Python raises
// RuntimeError. For a std::mutex it is undefined behaviour: with glibc it frees the lock while another thread holds it,
// so that two threads are inside.
//
//   finally_always    unlocks at the end of the scope, whether or not it has locked.
//   finally_if_held   uses std::unique_lock, which unlocks only a mutex that it holds. Correct.
#include <atomic>
#include <cstddef>
#include <mutex>
#include <string>

#include <racetrack/lock.hpp>
#include <racetrack/plugin.hpp>
#include <racetrack/standard_library.hpp>

namespace {

/// Counts each visit twice: without atomics under the lock, and atomically. A difference proves that two threads were
/// inside at once.
struct Visits {
  long counted = 0;
  std::atomic<long> made{0};

  void visit() {
    ++counted;
    made.fetch_add(1, std::memory_order_relaxed);  // relaxed: read after the join
  }
  [[nodiscard]] racetrack::Verdict check() const {
    const long visits = made.load(std::memory_order_relaxed);
    if (counted == visits) return {};
    return {racetrack::Result::fail, "exclusion", "oracle.count",
            std::to_string(visits) + " visits under the lock, but " + std::to_string(counted) +
                " were counted: two threads were inside at once"};
  }
};

class FinallyAlways {
 public:
  static constexpr std::size_t kThreads = 3;
  void step(std::size_t /*thread*/) {
    const Finally release{mutex_};
    if (mutex_.try_lock()) visits_.visit();
  }
  [[nodiscard]] racetrack::Verdict check() const { return visits_.check(); }

 private:
  struct Finally {
    std::mutex& mutex;
    explicit Finally(std::mutex& locked) : mutex(locked) {}
    Finally(const Finally&) = delete;
    Finally& operator=(const Finally&) = delete;
    ~Finally() { mutex.unlock(); }
  };

  std::mutex mutex_;
  Visits visits_;
};

class FinallyIfHeld {
 public:
  static constexpr std::size_t kThreads = 3;
  void step(std::size_t /*thread*/) {
    const std::unique_lock lock(mutex_, std::try_to_lock);
    if (lock.owns_lock()) visits_.visit();
  }
  [[nodiscard]] racetrack::Verdict check() const { return visits_.check(); }

 private:
  std::mutex mutex_;
  Visits visits_;
};

}  // namespace

RACETRACK_PLUGIN(registry) {
  using racetrack::Grade;
  using racetrack::lock::Family;
  const racetrack::lock::Traits traits{.workload = "unlock_not_held", .library = racetrack::standard_library()};
  registry.add<Family, FinallyAlways>("finally_always", traits,
                                      {{.detector = "lock_graph", .kind = "misuse", .grade = Grade::must},
                                       {.detector = "*", .kind = "misuse", .grade = Grade::may},
                                       {.detector = "oracle.count", .kind = "exclusion", .grade = Grade::may},
                                       {.detector = "tsan", .kind = "race", .grade = Grade::may},
                                       {.detector = "explore*", .kind = "*", .grade = Grade::may}},
                                      racetrack::Standing::control);
  registry.add<Family, FinallyIfHeld>("finally_if_held", traits);
}
