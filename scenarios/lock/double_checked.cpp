// Double-checked locking: a thread that finds the object already made takes no lock (Meyers and Alexandrescu, C++ and
// the Perils of Double-Checked Locking, 2004).
//
//   relaxed          stores and loads the pointer with relaxed operations. A thread that loads the pointer may not see
//                    the object's contents: a data race on the object.
//   release_acquire  correct.
#include <array>
#include <atomic>
#include <cstddef>
#include <memory>
#include <mutex>

#include <racetrack/expectations.hpp>
#include <racetrack/lock.hpp>
#include <racetrack/plugin.hpp>

namespace {

struct Config {
  long answer = 0;
};

template <std::memory_order kStore, std::memory_order kLoad>
class DoubleChecked {
 public:
  static constexpr std::size_t kThreads = 2;
  static constexpr std::size_t kObjects = 1024;  ///< made one after the other; each step asks for the next one

  void step(std::size_t thread) { steps_[thread].sum += config(steps_[thread].next++ % kObjects).answer; }

 private:
  struct Lazy {
    std::atomic<Config*> made{nullptr};
    std::unique_ptr<Config> owned;
  };
  struct alignas(racetrack::kApart) Steps {
    std::size_t next = 0;
    long sum = 0;
  };

  const Config& config(std::size_t which) {
    Lazy& lazy = lazy_[which];
    Config* config = lazy.made.load(kLoad);  // acquire: pairs with the release store below
    if (config == nullptr) {
      const std::lock_guard lock(mutex_);
      config = lazy.made.load(std::memory_order_relaxed);  // relaxed: written only under the mutex
      if (config == nullptr) {
        lazy.owned = std::make_unique<Config>();
        lazy.owned->answer = 42;
        config = lazy.owned.get();
        lazy.made.store(config, kStore);  // release: publishes the object to the acquire load above
      }
    }
    return *config;
  }

  std::mutex mutex_;
  std::array<Lazy, kObjects> lazy_;
  std::array<Steps, 2> steps_;
};

}  // namespace

RACETRACK_PLUGIN(registry) {
  using racetrack::lock::Family;
  using Relaxed = DoubleChecked<std::memory_order_relaxed, std::memory_order_relaxed>;
  using ReleaseAcquire = DoubleChecked<std::memory_order_release, std::memory_order_acquire>;
  const racetrack::lock::Traits traits{.workload = "double_checked"};
  registry.add<Family, Relaxed>("relaxed", traits, racetrack::expect_race(), racetrack::Standing::control);
  registry.add<Family, ReleaseAcquire>("release_acquire", traits);
}
