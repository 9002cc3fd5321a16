// Peterson's lock for two threads (Myths About the Mutual Exclusion Problem, IPL 1981): each thread announces that it
// wants to enter, gives way to the other, and checks whether the other wants to enter.
//
//   peterson_release_acquire  announces with a release store and checks with an acquire load. Nothing keeps the load
//                             behind the store, not even on x86. Both threads can check before either announcement is
//                             visible, and both enter.
//   peterson_seq_cst          correct: in the single order of all sequentially consistent operations, one announcement
//                             comes first.
#include <array>
#include <atomic>
#include <cstddef>
#include <thread>

#include <racetrack/lock.hpp>
#include <racetrack/plugin.hpp>

namespace {

template <std::memory_order kStore, std::memory_order kLoad>
class Peterson {
 public:
  static constexpr std::size_t kMostThreads = 2;
  void lock(std::size_t thread) {
    const std::size_t other = 1 - thread;
    wants_[thread].store(true, kStore);
    gives_way_.store(thread, kStore);
    // These loads must not pass the stores above: only sequential consistency guarantees that.
    while (wants_[other].load(kLoad) && gives_way_.load(kLoad) == thread) std::this_thread::yield();
  }
  /// The store pairs with the load of wants_ in lock.
  void unlock(std::size_t thread) { wants_[thread].store(false, kStore); }

 private:
  std::array<std::atomic<bool>, 2> wants_{};
  std::atomic<std::size_t> gives_way_{0};
};

}  // namespace

RACETRACK_PLUGIN(registry) {
  using racetrack::Grade;
  using racetrack::lock::Locks;
  registry.add<Locks, Peterson<std::memory_order_release, std::memory_order_acquire>>(
      "peterson_release_acquire", {},
      {{.detector = "oracle.count", .kind = "exclusion", .grade = Grade::must},
       {.detector = "explorer.weak", .kind = "race", .grade = Grade::must},  // on the count that the lock protects
       {.detector = "oracle.exclusion", .kind = "exclusion", .grade = Grade::may},
       {.detector = "*", .kind = "race", .grade = Grade::may},
       {.detector = "explore*", .kind = "*", .grade = Grade::may}},
      racetrack::Standing::control);
  registry.add<Locks, Peterson<std::memory_order_seq_cst, std::memory_order_seq_cst>>("peterson_seq_cst", {});
}
