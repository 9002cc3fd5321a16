// Small programs that hang with certainty, each for another reason, and some that only seem to hang.
#include <array>
#include <atomic>
#include <barrier>
#include <chrono>
#include <condition_variable>
#include <cstddef>
#include <latch>
#include <mutex>
#include <thread>

#include <racetrack/expectations.hpp>
#include <racetrack/lock.hpp>
#include <racetrack/platform.hpp>
#include <racetrack/plugin.hpp>

namespace {

/// Each thread holds one lock before any thread waits for the other lock.
class OppositeOrder {
 public:
  static constexpr std::size_t kThreads = 2;
  void step(std::size_t thread) {
    const std::lock_guard first(thread == 0 ? a_ : b_);
    both_hold_one_.arrive_and_wait();
    const std::lock_guard second(thread == 0 ? b_ : a_);
  }

 private:
  std::mutex a_, b_;
  std::barrier<> both_hold_one_{2};
};

/// The threads run one after the other: no deadlock happens, although it is possible.
class OneAfterTheOther {
 public:
  static constexpr std::size_t kThreads = 2;
  void step(std::size_t thread) {
    if (taken_[thread]) return;
    taken_[thread] = true;
    if (thread == 1) first_is_done_.wait();
    const std::lock_guard first(thread == 0 ? a_ : b_);
    const std::lock_guard second(thread == 0 ? b_ : a_);
    if (thread == 0) first_is_done_.count_down();
  }

 private:
  std::mutex a_, b_;
  std::latch first_is_done_{1};
  std::array<bool, 2> taken_{};
};

class NoThreadSignals {
 public:
  static constexpr std::size_t kThreads = 2;
  void step(std::size_t /*thread*/) {
    std::unique_lock lock(mutex_);
    changed_.wait(lock, [] { return false; });
  }

 private:
  std::mutex mutex_;
  std::condition_variable changed_;
};

class Spins {
 public:
  static constexpr std::size_t kThreads = 2;
  void step(std::size_t /*thread*/) {
    while (!never_.load()) racetrack::relax_cpu();
  }

 private:
  std::atomic<bool> never_{false};
};

/// The threads of the round have ended; the destructor hangs.
class StuckInDestructor {
 public:
  static constexpr std::size_t kThreads = 2;
  StuckInDestructor() = default;
  StuckInDestructor(const StuckInDestructor&) = delete;
  StuckInDestructor& operator=(const StuckInDestructor&) = delete;
  ~StuckInDestructor() {
    std::unique_lock lock(mutex_);
    changed_.wait(lock, [] { return false; });
  }
  void step(std::size_t /*thread*/) {}

 private:
  std::mutex mutex_;
  std::condition_variable changed_;
};

/// Long but not endless.
class SleepsHolding {
 public:
  static constexpr std::size_t kThreads = 2;
  void step(std::size_t /*thread*/) {
    const std::lock_guard lock(mutex_);
    if (!slept_) std::this_thread::sleep_for(std::chrono::milliseconds(400));
    slept_ = true;
  }

 private:
  std::mutex mutex_;
  bool slept_ = false;
};

class UnlocksUnheld {
 public:
  static constexpr std::size_t kThreads = 1;
  void step(std::size_t /*thread*/) { mutex_.unlock(); }  // the fault under test

 private:
  std::mutex mutex_;
};

class Sound {
 public:
  static constexpr std::size_t kThreads = 2;
  void step(std::size_t /*thread*/) { const std::lock_guard lock(mutex_); }

 private:
  std::mutex mutex_;
};

}  // namespace

RACETRACK_PLUGIN(registry) {
  using racetrack::lock::Family;
  const racetrack::lock::Traits traits{.workload = "stuck"};
  registry.add<Family, OppositeOrder>("opposite_order", traits);
  registry.add<Family, OppositeOrder>("opposite_order_declared", traits, racetrack::expect_deadlock(),
                                      racetrack::Standing::control);
  registry.add<Family, OneAfterTheOther>("one_after_the_other", traits);
  registry.add<Family, NoThreadSignals>("no_thread_signals", traits);
  registry.add<Family, Spins>("spins", traits);
  registry.add<Family, StuckInDestructor>("in_destructor", traits);
  registry.add<Family, SleepsHolding>("sleeps_holding", traits);
  registry.add<Family, UnlocksUnheld>("unlocks_unheld", traits);
  registry.add<Family, Sound>("sound", traits);
  registry.add<Family, Sound>("sound_but_must_stop", traits, racetrack::expect_deadlock(),
                              racetrack::Standing::control);
}
