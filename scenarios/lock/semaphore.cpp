// A semaphore of one as a lock.
//
//   std_counting_semaphore  as installed. In libstdc++ 12 (GCC bug 104928) acquire() reads the count, spins, and then sleeps as
//                           long as the count is what it read: when it read 1, lost the race for it, and the other has
//                           released since, it sleeps on a count of 1. release() has notified already.
//   condvar_semaphore       a mutex, a condition and a count. Clean.
#include <array>
#include <atomic>
#include <condition_variable>
#include <cstddef>
#include <cstdint>
#include <mutex>
#include <semaphore>

#include <racetrack/expectations.hpp>
#include <racetrack/lock.hpp>
#include <racetrack/plugin.hpp>
#include <racetrack/standard_library.hpp>

namespace {

class CondvarSemaphore {
 public:
  explicit CondvarSemaphore(std::ptrdiff_t count) : count_(count) {}
  void acquire() {
    std::unique_lock lock(mutex_);
    released_.wait(lock, [this] { return count_ != 0; });
    --count_;
  }
  void release() {
    {
      const std::lock_guard lock(mutex_);
      ++count_;
    }
    released_.notify_one();
  }

 private:
  std::mutex mutex_;
  std::condition_variable released_;
  std::ptrdiff_t count_;
};

template <class Semaphore>
class SemaphoreOfOne {
 public:
  static constexpr std::size_t kThreads = 2;
  void step(std::size_t /*thread*/) {
    semaphore_.acquire();
    work();
    semaphore_.release();
  }

 private:
  /// Takes about as long as acquire() spins (16 looks in libstdc++ 12), by the clock and in atomic operations.
  void work() {
    for (std::atomic<long>& count : counts_)
      count.fetch_add(1, std::memory_order_relaxed);  // statistics, read at any time
    std::uint64_t digest = digest_;
    for (int i = 0; i < 1000; ++i) digest ^= (digest << 13U) ^ (digest >> 7U) ^ 1U;
    digest_ = digest;
  }

  Semaphore semaphore_{1};
  std::array<std::atomic<long>, 20> counts_{};
  std::uint64_t digest_ = 1;
};

}  // namespace

RACETRACK_PLUGIN(registry) {
  using racetrack::lock::Family;
  // Only who sleeps at a round's last release is never woken: short rounds have more of these.
  const racetrack::lock::Traits traits{
      .workload = "semaphore", .library = racetrack::standard_library(), .most_steps = 64};
  registry.add<Family, SemaphoreOfOne<std::counting_semaphore<>>>(
      "std_counting_semaphore", traits, racetrack::expect_lost_wakeup(), racetrack::Standing::control);
  registry.add<Family, SemaphoreOfOne<CondvarSemaphore>>("condvar_semaphore", traits);
}
