// A permit that is returned twice when the work throws; a ring with permits for full and empty cells, but no lock.
#include <array>
#include <atomic>
#include <condition_variable>
#include <mutex>
#include <stdexcept>
#include <thread>

#include <racetrack/explore.hpp>

namespace {
/// std::counting_semaphore itself has a fault in GCC 12.
class Permits {
 public:
  explicit Permits(int count) : count_(count) {}
  void acquire() {
    std::unique_lock lock(mutex_);
    changed_.wait(lock, [&] { return count_ > 0; });
    --count_;
  }
  void release() {
    const std::lock_guard lock(mutex_);
    ++count_;
    changed_.notify_one();
  }

 private:
  std::mutex mutex_;
  std::condition_variable changed_;
  int count_;
};

template <bool kGivenBackOnce>
void run() {
  Permits permit(1);
  std::atomic<int> inside = 0;
  const auto work = [&](bool fails) {
    permit.acquire();
    racetrack::check(++inside == 1, "one is inside");
    --inside;
    try {
      if (fails) {
        throw std::runtime_error("failed");
      }
    } catch (const std::runtime_error&) {
      if (!kGivenBackOnce) {
        permit.release();
      }
    }
    permit.release();
  };
  std::thread one(work, true);
  std::thread two(work, false);
  std::thread three(work, false);
  one.join();
  two.join();
  three.join();
}
template <bool kLocked>
void ring() {
  Permits room(2);
  Permits filled(0);
  std::array<int, 2> cells{};
  std::atomic<unsigned> in = 0;
  std::atomic<unsigned> out = 0;
  const auto put = [&](int value) {
    room.acquire();
    if constexpr (kLocked) {
      cells[in.fetch_add(1) % 2] = value;
    } else {
      const unsigned at = in.load();
      cells[at % 2] = value;
      in.store(at + 1);
    }
    filled.release();
  };
  std::thread one(put, 1);
  std::thread two(put, 2);
  int sum = 0;
  for (int item = 0; item < 2; ++item) {
    filled.acquire();
    if (!kLocked) {
      sum += cells[out.fetch_add(1) % 2];
    }
  }
  one.join();
  two.join();
  if (kLocked) {
    sum = cells[0] + cells[1];
  }
  racetrack::check(sum == 3, "both items are got");
}
}  // namespace
RACETRACK_EXPLORE(permit_given_back_twice) { run<false>(); }
RACETRACK_EXPLORE(permit_given_back_once) { run<true>(); }
RACETRACK_EXPLORE(ring_two_producers_unlocked) { ring<false>(); }
RACETRACK_EXPLORE(ring_two_producers_claimed) { ring<true>(); }
