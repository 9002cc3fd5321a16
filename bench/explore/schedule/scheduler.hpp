// The mechanism under all strategies: the set of runnable threads, the next thread, and the decisions taken.
#pragma once

#include <cstdint>
#include <vector>

#include "explore/schedule/early_time_outs.hpp"
#include "explore/schedule/hang_probe.hpp"
#include "explore/schedule/intent.hpp"
#include "explore/schedule/schedule.hpp"
#include "explore/schedule/strategy.hpp"
#include "explore/schedule/untried.hpp"

namespace racetrack::explore {

struct Thread;

class Scheduler {
 public:
  /// A thread is taken to spin after `kRepeatedReads` repeated reads of known values, or after `kLongRun` steps without
  /// a pause.
  static constexpr std::uint32_t kRepeatedReads = 8, kLongRun = 1000;
  /// The next time-out fires, although other threads can run, when so many steps have passed since a time-out began to
  /// wait or the latest one fired.
  static constexpr std::uint32_t kLongWait = 1000;
  static constexpr std::uint64_t kQuickStep = 100, kSlowStep = 1'000'000;  ///< virtual nanoseconds
  /// Limit of loads in one execution that read an older store than the latest.
  static constexpr std::uint32_t kStaleReads = 100;
  static constexpr std::uint64_t kBeginningOfTime = 1'000'000'000'000'000'000;
  /// Virtual nanoseconds, 100 years after the beginning. A wait with a later deadline has no time-out.
  static constexpr std::uint64_t kEndOfTime = kBeginningOfTime + 3'153'600'000'000'000'000;
  /// After so many clock reads of an execution, each read takes more virtual time than the one before, so that loops
  /// that poll the clock end.
  static constexpr std::uint32_t kQuickClockReads = 64;

  /// `beginning`: the schedule of the execution without its departures.
  void begin_execution(Strategy& strategy, std::uint64_t seed, std::uint32_t most_steps, const Schedule& beginning);

  /// A scheduling point before a visible operation `next` of the current thread: other threads may run first.
  void point(Intent next) {
    if (++steps_ >= decides_at_) [[unlikely]]
      decide(next);
  }
  /// The current thread lets other threads run first at this point.
  void yield();
  /// Blocks the current thread as its record describes; `next` is its operation after the wait. The thread that ends
  /// the wait calls make_runnable, or the time-out fires: at once when the deadline has passed already, otherwise when
  /// no other thread can run, or earlier.
  void block(Intent next);
  /// Removes the current thread, which has ended, and switches to another one. Never returns.
  [[noreturn]] void leave();

  /// Removes the current thread, which computes without a step, for the rest of the execution and switches to another
  /// one. Never returns.
  [[noreturn]] void lose();
  [[nodiscard]] ThreadSet lost() const noexcept { return lost_; }

  void make_runnable(Thread& thread);
  void make_blocked(const Thread& thread);
  void add(Thread& thread);
  /// Chooses one of `count` (two or more) alternatives whose order time does not determine.
  unsigned pick(unsigned count);
  /// Weak memory: chooses one of `count` (two or more) stores for a load; 0 is the latest.
  unsigned read(unsigned count);
  /// Whether to inject a spurious failure (condition variable wakeup, weak compare-exchange) here.
  bool fails_spuriously();
  /// The strategy decides again at the next point.
  void reconsider() noexcept { decide_by(steps_ + 1); }
  /// Records a change that a spinning thread may wait for.
  void progress() noexcept { idle_ = 0; }
  /// Records that the current thread seems to repeat plain accesses: the next decision begins a probe for a hang.
  void suspect_hang() noexcept { hang_.suspect(steps_); }
  /// Informs a running probe for a hang of an operation of the current thread, before it changes memory, or of a read
  /// of the clock.
  void observe(Operation operation, std::uintptr_t address, std::size_t size) {
    if (hang_.active()) hang_.observe(operation, address, size);
  }
  void observe_time() noexcept { hang_.observe_time(); }
  /// Virtual nanoseconds.
  [[nodiscard]] std::uint64_t now() const noexcept { return epoch_ + steps_ * step_; }
  /// The virtual time for a read by the subject. Notifies the strategy. The more often an execution has read the clock,
  /// the more time a read takes.
  std::uint64_t read_clock();
  /// Records that this execution leaves out behaviour of this kind.
  void leave_out(Untried kind) noexcept { untried_.add(kind); }

  /// Records in taken() how races were treated.
  void pass_races(bool plain_steps, std::uint32_t passed) noexcept {
    taken_.plain_steps = plain_steps;
    taken_.races_passed = passed;
  }
  [[nodiscard]] std::uint32_t steps() const noexcept { return steps_; }
  [[nodiscard]] std::uint32_t switches() const noexcept { return switches_; }
  [[nodiscard]] ThreadSet runnable() const noexcept { return runnable_; }
  [[nodiscard]] const Schedule& taken() const noexcept { return taken_; }
  /// The kinds that this execution has left out so far.
  [[nodiscard]] UntriedSet untried() const noexcept { return untried_; }
  /// Drops the seed from taken(): the execution has not used it.
  void forget_entropy() noexcept { taken_.entropy = 0; }
  [[nodiscard]] Strategy& strategy() const noexcept { return *strategy_; }

 private:
  void decide(Intent next);
  void decide_by(std::uint32_t step) noexcept {
    if (decides_at_ > step) decides_at_ = step;
  }
  void set_patience(std::uint32_t wanted);
  /// Ends the wait of a thread by its time-out and advances the time to its deadline.
  void end_wait(Thread& thread);
  /// The same, and ends all waits whose deadline has passed then.
  void fire(Thread& thread);
  /// Fires the time-out with the earliest deadline. Returns false when no thread has one.
  bool pass_time();
  /// Fires the time-outs that were drawn for this step. Returns the default next thread: the last one whose time-out
  /// fired, otherwise `usual`.
  ThreadId fire_early_time_outs(ThreadId usual);
  [[nodiscard]] ThreadId next_after(ThreadId thread, ThreadSet candidates) const noexcept;
  void count_points();
  /// Returns true when a probe for a hang has decided, and the current thread runs again.
  bool probe_for_hang();
  void switch_to(ThreadId chosen);

  std::uint32_t steps_ = 0;
  std::uint32_t decides_at_ = 0;  ///< the first point at or after this step is a decision
  std::uint32_t since_ = 0;       ///< step at which the current thread's own points were last counted
  std::uint32_t resumed_ = 0;     ///< step at which the current thread was switched to, or last yielded
  std::uint32_t most_steps_ = 0;
  std::uint32_t switches_ = 0;
  ThreadSet runnable_ = 0;
  ThreadSet timed_ = 0;  ///< blocked threads with a deadline
  ThreadSet lost_ = 0;   ///< threads that have run without a step for long
  ThreadSet idle_ = 0;   ///< threads that have yielded or spun since the latest change
  std::uint8_t spurious_left_ = 0;
  std::uint32_t stale_left_ = 0;
  /// Step at which the first of the `timed_` threads blocked, or the latest time-out fired.
  std::uint32_t waiting_since_ = 0;
  std::uint32_t clock_reads_ = 0;
  UntriedSet untried_;
  std::uint64_t epoch_ = kBeginningOfTime;  ///< virtual time of step 0; sleeping moves it
  std::uint64_t step_ = kQuickStep;         ///< virtual duration of a step
  Strategy* strategy_ = nullptr;
  StaleReads stale_reads_;
  HangProbe hang_;
  EarlyTimeOuts early_time_outs_;
  Schedule taken_;
};

}  // namespace racetrack::explore
