// A semaphore of count one, used as a lock.
//
//   std_counting_semaphore  the standard library's, as installed. In libstdc++ 12 (GCC bug 104928) acquire() reads the
//                           count, spins, and sleeps while the count equals the value read. Suppose that it read 1,
//                           lost the race for that 1, and the other thread has released since: it sleeps although the
//                           count is 1. release() has already notified.
//   condvar_semaphore       a mutex, a condition variable and a count. Correct.
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
  /// Takes about as long as acquire() spins (16 reads in libstdc++ 12), in time and in atomic operations.
  void work() {
    for (std::atomic<long>& count : counts_) count.fetch_add(1, std::memory_order_relaxed);  // relaxed: statistics
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
  // Only a thread that sleeps at a round's last release is never woken. Short rounds have more last releases.
  const racetrack::lock::Traits traits{
      .workload = "semaphore", .library = racetrack::standard_library(), .most_steps = 64};
  // A wakeup is lost only between two instructions. How often rounds hit this point depends on the machine: it can take
  // minutes.
  registry.add<Family, SemaphoreOfOne<std::counting_semaphore<>>>(
      "std_counting_semaphore", traits, racetrack::expect_lost_wakeup(20), racetrack::Standing::control);
  registry.add<Family, SemaphoreOfOne<CondvarSemaphore>>("condvar_semaphore", traits);
}
