// Peterson's lock for two threads (Myths About the Mutual Exclusion Problem, IPL 1981): each says that it wants to enter, gives
// way to the other, and looks whether the other wants to.
//
//   release_acquire  each says so with a release store and looks with an acquire load: nothing keeps the look behind the store,
//                    on x86 neither, so both may look before either's wish is visible, and both enter.
//   seq_cst          clean: of the two wishes one comes first in the single order of all sequentially consistent operations.
#include <array>
#include <atomic>
#include <cstddef>
#include <string>
#include <thread>

#include <racetrack/lock.hpp>
#include <racetrack/plugin.hpp>

namespace {

template <std::memory_order kStore, std::memory_order kLoad>
class Peterson {
 public:
  static constexpr std::size_t kThreads = 2;
  void step(std::size_t thread) {
    const std::size_t other = 1 - thread;
    wants_[thread].store(true, kStore);
    waits_.store(thread, kStore);
    // This load must not pass the stores above, which only sequential consistency promises.
    while (wants_[other].load(kLoad) && waits_.load(kLoad) == thread) std::this_thread::yield();
    ++counted_;
    // With the load above: what was done inside is visible to the next.
    wants_[thread].store(false, kStore);
    ++steps_[thread].count;
  }

  [[nodiscard]] racetrack::Verdict check() const {
    const long steps = steps_[0].count + steps_[1].count;
    if (counted_ == steps) return {};
    return {racetrack::Result::fail, "exclusion", "oracle.count",
            std::to_string(steps) + " steps under the lock, of which " + std::to_string(counted_) +
                " were counted: both threads were inside at once"};
  }

 private:
  struct alignas(racetrack::kApart) Steps {
    long count = 0;
  };
  std::array<std::atomic<bool>, 2> wants_{};
  std::atomic<std::size_t> waits_{0};
  long counted_ = 0;
  std::array<Steps, 2> steps_;
};

}  // namespace

RACETRACK_PLUGIN(registry) {
  using racetrack::Grade;
  using racetrack::lock::Family;
  const racetrack::lock::Traits traits{.workload = "peterson"};
  registry.add<Family, Peterson<std::memory_order_release, std::memory_order_acquire>>(
      "release_acquire", traits,
      {{.detector = "oracle.count", .kind = "exclusion", .grade = Grade::may},
       {.detector = "*", .kind = "race", .grade = Grade::may},
       {.detector = "explore*", .kind = "*", .grade = Grade::may}},
      racetrack::Standing::control);
  registry.add<Family, Peterson<std::memory_order_seq_cst, std::memory_order_seq_cst>>("seq_cst", traits);
}
