// The mechanism under all strategies: who can run, who goes next, and what was decided.
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
  /// Equal looks in a row after which a thread is taken to spin, and steps without a pause after which it is in any case.
  static constexpr std::uint32_t kEqualLooks = 8, kLongRun = 1000;
  /// Steps since a time-out began to wait, or the latest one fired, after which the next one fires although other threads can run.
  static constexpr std::uint32_t kLongWait = 1000;
  static constexpr std::uint64_t kQuickStep = 100, kSlowStep = 1'000'000;  ///< virtual nanoseconds
  /// Loads of one execution that may read an older store than the latest.
  static constexpr std::uint32_t kStaleReads = 100;
  static constexpr std::uint64_t kBeginningOfTime = 1'000'000'000'000'000'000;
  /// Virtual nanoseconds, 100 years after the beginning: a wait with a later deadline has none.
  static constexpr std::uint64_t kEndOfTime = kBeginningOfTime + 3'153'600'000'000'000'000;
  /// Clock reads of an execution after which each one takes longer than the one before, so that loops that poll the clock end.
  static constexpr std::uint32_t kQuickClockReads = 64;

  /// `beginning` has all but the departures.
  void begin_execution(Strategy& strategy, std::uint64_t seed, std::uint32_t most_steps, const Schedule& beginning);

  /// Before every visible operation of the current thread, which is `next`: others may go first.
  void point(Intent next) {
    if (++steps_ >= decides_at_) [[unlikely]]
      decide(next);
  }
  /// The current thread lets others go first at this point.
  void yield();
  /// The current thread waits as its record says, then does `next`. The thread that ends its wait calls make_runnable, or its time-out
  /// fires: at once when its deadline has passed already, else when no other thread can run, or earlier.
  void block(Intent next);
  /// The current thread has ended; returns to nobody.
  [[noreturn]] void leave();

  /// The current thread computes without a step: others run instead of it, for the rest of the execution. Does not return.
  [[noreturn]] void lose();
  [[nodiscard]] ThreadSet lost() const noexcept { return lost_; }

  void make_runnable(Thread& thread);
  void make_blocked(const Thread& thread);
  void add(Thread& thread);
  /// Which of `count` (two or more) comes next, where order is not time's.
  unsigned pick(unsigned count);
  /// Weak memory: which of `count` (two or more) stores a load reads, the latest being 0.
  unsigned read(unsigned count);
  /// Whether to inject a spurious failure (condition variable wakeup, weak compare-exchange) here.
  bool fails_spuriously();
  /// The strategy decides again at the next point.
  void reconsider() noexcept { decide_by(steps_ + 1); }
  /// Something has changed that a spinning thread may have waited for.
  void progress() noexcept { idle_ = 0; }
  /// The current thread seems to repeat plain accesses: the next decision begins a search for evidence of a hang.
  void suspect_hang() noexcept { hang_.suspect(steps_); }
  /// Informs a running search for evidence of a hang: an operation of the current thread, before it changes memory, or a read of the clock.
  void see(Operation operation, std::uintptr_t address, std::size_t size) {
    if (hang_.active()) hang_.see(operation, address, size);
  }
  void see_time() noexcept { hang_.see_time(); }
  /// Virtual nanoseconds.
  [[nodiscard]] std::uint64_t now() const noexcept { return epoch_ + steps_ * step_; }
  /// The same, for the subject: a strategy is notified, and the more often an execution has read the clock, the more time a read takes.
  std::uint64_t read_clock();
  /// This execution leaves something out.
  void leave_out(Untried kind) noexcept { untried_.add(kind); }

  /// Enters into taken() how races were treated.
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
  /// The execution has drawn nothing from outside.
  void forget_entropy() noexcept { taken_.entropy = 0; }
  [[nodiscard]] Strategy& strategy() const noexcept { return *strategy_; }

 private:
  void decide(Intent next);
  void decide_by(std::uint32_t step) noexcept {
    if (decides_at_ > step) decides_at_ = step;
  }
  void set_patience(std::uint32_t wanted);
  /// Ends the wait of a thread by its time-out: time passes to its deadline.
  void end_wait(Thread& thread);
  /// The same, and ends all waits with an earlier deadline.
  void fire(Thread& thread);
  /// Fires the time-out whose deadline comes first. False: no thread has one.
  bool pass_time();
  /// Fires the time-outs that were drawn for this step. Returns the thread that usually runs next: the last of theirs, else `usual`.
  ThreadId fire_early_time_outs(ThreadId usual);
  [[nodiscard]] ThreadId next_after(ThreadId thread, ThreadSet candidates) const noexcept;
  void count_points();
  /// True: a probe for evidence of a hang has decided, and the current thread is back.
  bool probe_for_hang();
  void go_on_with(ThreadId chosen);

  std::uint32_t steps_ = 0;
  std::uint32_t decides_at_ = 0;  ///< the first point at or after this step is a decision
  std::uint32_t since_ = 0;       ///< step at which the current thread's own points were last counted
  std::uint32_t resumed_ = 0;     ///< step at which it was switched to, or last yielded
  std::uint32_t most_steps_ = 0;
  std::uint32_t switches_ = 0;
  ThreadSet runnable_ = 0;
  ThreadSet timed_ = 0;  ///< blocked, with a deadline
  ThreadSet lost_ = 0;   ///< have been at work without a step for long
  ThreadSet idle_ = 0;   ///< have spun since anything changed
  std::uint8_t spurious_left_ = 0;
  std::uint32_t stale_left_ = 0;
  std::uint32_t waiting_since_ =
      0;  ///< step at which the first of the `timed_` threads blocked, or the latest time-out fired
  std::uint32_t clock_reads_ = 0;
  UntriedSet untried_;
  std::uint64_t epoch_ = kBeginningOfTime;  ///< virtual time of step 0; sleeping moves it
  std::uint64_t step_ = kQuickStep;         ///< how long one takes
  Strategy* strategy_ = nullptr;
  StaleReads stale_reads_;
  HangProbe hang_;
  EarlyTimeOuts early_time_outs_;
  Schedule taken_;
};

}  // namespace racetrack::explore
