// Dining philosophers (Dijkstra, EWD 310, 1971; the forks are Hoare's): three philosophers at a table, one fork between
// each two. Each philosopher needs both neighbouring forks.
//
//   left_first     each philosopher takes the left fork first. When all have one, none gets a second: a deadlock of
//                  three.
//   ordered        each philosopher takes the fork with the lower number first, so the last one takes the right fork.
//   scoped_lock    std::scoped_lock takes both.
//   seats          only two may sit down at once, so one of them gets both forks. The order of the forks is still a
//                  cycle: a tool that considers only the order of locks warns.
#include <array>
#include <condition_variable>
#include <cstddef>
#include <mutex>
#include <utility>

#include <racetrack/expectations.hpp>
#include <racetrack/lock.hpp>
#include <racetrack/plugin.hpp>
#include <racetrack/standard_library.hpp>

namespace {

constexpr std::size_t kPhilosophers = 3;

/// Philosopher i sits between forks i (left) and i + 1.
struct Table {
  std::array<std::mutex, kPhilosophers> forks;
  std::array<long, kPhilosophers> eaten{};

  std::mutex& left(std::size_t philosopher) { return forks[philosopher]; }
  std::mutex& right(std::size_t philosopher) { return forks[(philosopher + 1) % kPhilosophers]; }
  /// Uses both forks. A fork's lock protects the count of its uses.
  void eat(std::size_t philosopher) {
    ++eaten[philosopher];
    ++eaten[(philosopher + 1) % kPhilosophers];
  }
};

class LeftFirst {
 public:
  static constexpr std::size_t kThreads = kPhilosophers;
  void step(std::size_t philosopher) {
    const std::lock_guard first(table_.left(philosopher));
    const std::lock_guard second(table_.right(philosopher));
    table_.eat(philosopher);
  }

 private:
  Table table_;
};

class Ordered {
 public:
  static constexpr std::size_t kThreads = kPhilosophers;
  void step(std::size_t philosopher) {
    const bool last = philosopher + 1 == kPhilosophers;
    const std::lock_guard first(last ? table_.right(philosopher) : table_.left(philosopher));
    const std::lock_guard second(last ? table_.left(philosopher) : table_.right(philosopher));
    table_.eat(philosopher);
  }

 private:
  Table table_;
};

class ScopedLock {
 public:
  static constexpr std::size_t kThreads = kPhilosophers;
  void step(std::size_t philosopher) {
    const std::scoped_lock both(table_.left(philosopher), table_.right(philosopher));
    table_.eat(philosopher);
  }

 private:
  Table table_;
};

class Seats {
 public:
  static constexpr std::size_t kThreads = kPhilosophers;
  void step(std::size_t philosopher) {
    sit_down();
    {
      const std::lock_guard first(table_.left(philosopher));
      const std::lock_guard second(table_.right(philosopher));
      table_.eat(philosopher);
    }
    get_up();
  }

 private:
  void sit_down() {
    std::unique_lock lock(door_);
    seat_free_.wait(lock, [this] { return free_ != 0; });
    --free_;
  }
  void get_up() {
    {
      const std::lock_guard lock(door_);
      ++free_;
    }
    seat_free_.notify_one();
  }

  Table table_;
  std::mutex door_;
  std::condition_variable seat_free_;
  std::size_t free_ = kPhilosophers - 1;
};

}  // namespace

RACETRACK_PLUGIN(registry) {
  using racetrack::Grade;
  using racetrack::lock::Family;
  const racetrack::lock::Traits traits{.workload = "philosophers", .library = racetrack::standard_library()};
  registry.add<Family, LeftFirst>("left_first", traits, racetrack::expect_deadlock(), racetrack::Standing::control);
  registry.add<Family, Ordered>("ordered", traits);
  registry.add<Family, ScopedLock>("scoped_lock", traits);
  registry.add<Family, Seats>("seats", traits,
                              {{.detector = "lock_graph", .kind = "potential_deadlock", .grade = Grade::may},
                               {.detector = "tsan", .kind = "potential_deadlock", .grade = Grade::may}});
}
