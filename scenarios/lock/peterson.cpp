// Peterson's lock for two threads (Myths About the Mutual Exclusion Problem, IPL 1981): each says that it wants to enter, gives
// way to the other, and looks whether the other wants to.
//
//   peterson_release_acquire  each says so with a release store and looks with an acquire load: nothing keeps the look behind
//                             the store, on x86 neither, so both may look before either's wish is visible, and both enter.
//   peterson_seq_cst          clean: of the two wishes one comes first in the single order of all sequentially consistent
//                             operations.
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
    // These loads must not pass the stores above, which only sequential consistency promises.
    while (wants_[other].load(kLoad) && gives_way_.load(kLoad) == thread) std::this_thread::yield();
  }
  void unlock(std::size_t thread) { wants_[thread].store(false, kStore); }  // to the load of wants_ in lock

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
       {.detector = "explorer.weak", .kind = "race", .grade = Grade::must},  // on what is counted under the lock
       {.detector = "oracle.exclusion", .kind = "exclusion", .grade = Grade::may},
       {.detector = "*", .kind = "race", .grade = Grade::may},
       {.detector = "explore*", .kind = "*", .grade = Grade::may}},
      racetrack::Standing::control);
  registry.add<Locks, Peterson<std::memory_order_seq_cst, std::memory_order_seq_cst>>("peterson_seq_cst", {});
}
