// A spinlock made of a flag.
//
//   test_then_set  checks that the flag is clear, then sets it: two threads that check at the same time both enter.
//   test_and_set   correct: one exchange does both.
#include <atomic>
#include <cstddef>
#include <limits>
#include <thread>

#include <racetrack/lock.hpp>
#include <racetrack/plugin.hpp>

namespace {

class TestThenSet {
 public:
  static constexpr std::size_t kMostThreads = std::numeric_limits<std::size_t>::max();
  void lock(std::size_t /*thread*/) {
    while (held_) std::this_thread::yield();
    held_ = true;
  }
  void unlock(std::size_t /*thread*/) { held_ = false; }

 private:
  std::atomic<bool> held_{false};
};

class TestAndSet {
 public:
  static constexpr std::size_t kMostThreads = std::numeric_limits<std::size_t>::max();
  void lock(std::size_t /*thread*/) {
    while (held_.exchange(true)) std::this_thread::yield();
  }
  void unlock(std::size_t /*thread*/) { held_ = false; }

 private:
  std::atomic<bool> held_{false};
};

}  // namespace

RACETRACK_PLUGIN(registry) {
  using racetrack::Grade;
  using racetrack::lock::Locks;
  registry.add<Locks, TestThenSet>("test_then_set", {},
                                   {{.detector = "oracle.*", .kind = "exclusion", .grade = Grade::must},
                                    {.detector = "explore*", .kind = "race", .grade = Grade::must},
                                    {.detector = "explore*", .kind = "exclusion", .grade = Grade::may},
                                    {.detector = "tsan", .kind = "race", .grade = Grade::may}},
                                   racetrack::Standing::control);
  registry.add<Locks, TestAndSet>("test_and_set", {});
}
