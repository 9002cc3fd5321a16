#include "explore/schedule/scheduler.hpp"

#include <algorithm>
#include <bit>

#include "explore/runtime.hpp"
#include "explore/schedule/standstill.hpp"

namespace racetrack::explore {

void Scheduler::begin_execution(Strategy& strategy, std::uint64_t seed, std::uint32_t most_steps,
                                const Schedule& beginning) {
  strategy_ = &strategy;
  most_steps_ = most_steps;
  steps_ = since_ = resumed_ = switches_ = 0;
  patience_ = 1;
  runnable_ = timed_ = idle_ = lost_ = 0;
  epoch_ = kBeginningOfTime;
  step_ = beginning.slow ? kSlowStep : kQuickStep;
  taken_ = beginning;
  whims_left_ = beginning.whims;
  taken_.departures.clear();
  stale_left_ = kStaleReads;
  hang_.begin_execution();
  if (beginning.memory == Memory::weak) stale_reads_.begin(seed);
}

void Scheduler::add(Thread& thread) {
  runnable_ |= thread.bit();
  strategy_->thread_begins(thread.id);
  reconsider();
}

void Scheduler::make_runnable(Thread& thread) {
  runnable_ |= thread.bit();
  timed_ &= static_cast<ThreadSet>(~thread.bit());
  strategy_->thread_begins(thread.id);
  reconsider();
}

void Scheduler::make_blocked(const Thread& thread) {
  runnable_ &= static_cast<ThreadSet>(~thread.bit());
  if (thread.deadline != Thread::kNever) timed_ |= thread.bit();
}

void Scheduler::yield() {
  runtime.current->yields = true;
  reconsider();
  point({});
}

void Scheduler::block(Intent next) {
  make_blocked(*runtime.current);
  ++steps_;
  decide(next);
}

void Scheduler::leave() {
  runnable_ &= static_cast<ThreadSet>(~runtime.current->bit());
  ++steps_;
  decide({});
  __builtin_unreachable();
}

void Scheduler::lose() {
  lost_ |= runtime.current->bit();
  leave();
}

void Scheduler::count_points() {
  runtime.current->points += steps_ - since_;
  since_ = steps_;
}

unsigned Scheduler::pick(unsigned count) {
  if (count < 2) return 0;
  ++steps_;
  count_points();
  const unsigned choice = strategy_->pick(count);
  if (choice == 0 || choice >= count) return 0;
  taken_.departures.push_back({runtime.current->id, static_cast<std::uint8_t>(choice), runtime.current->points});
  return choice;
}

unsigned Scheduler::read(unsigned count) {
  ++steps_;
  count_points();
  if (stale_left_ == 0) return 0;
  const unsigned choice = strategy_->read(count, stale_reads_);
  if (choice == 0 || choice >= count) return 0;
  --stale_left_;
  taken_.departures.push_back({runtime.current->id, static_cast<std::uint8_t>(choice), runtime.current->points});
  return choice;
}

bool Scheduler::whim() {
  if (taken_.whims == 0) return false;
  ++steps_;
  count_points();
  if (whims_left_ == 0 || !strategy_->whim()) return false;
  --whims_left_;
  taken_.departures.push_back({runtime.current->id, 1, runtime.current->points});
  return true;
}

ThreadId Scheduler::next_after(ThreadId thread, ThreadSet candidates) const noexcept {
  const ThreadSet later = candidates & ~(2 * set_of(thread) - 1);
  return static_cast<ThreadId>(std::countr_zero(later != 0 ? later : candidates));
}

void Scheduler::wake_sleepers() {
  for (ThreadSet set = timed_; set != 0; set &= set - 1) {
    Thread& thread = runtime.threads[static_cast<unsigned>(std::countr_zero(set))];
    if (thread.deadline > now()) continue;
    thread.timed_out = true;
    make_runnable(thread);
  }
}

bool Scheduler::pass_time() {
  std::uint64_t earliest = Thread::kNever;
  for (ThreadSet set = timed_; set != 0; set &= set - 1) {
    earliest = std::min(earliest, runtime.threads[static_cast<unsigned>(std::countr_zero(set))].deadline);
  }
  if (earliest == Thread::kNever) return false;
  if (earliest > now()) epoch_ += earliest - now();
  wake_sleepers();
  idle_ = 0;
  return true;
}

void Scheduler::set_patience(std::int64_t wanted) {
  patience_ = std::min<std::int64_t>({wanted, std::int64_t{most_steps_} - steps_ + 1,
                                      std::int64_t{kLongRun} - (steps_ - resumed_) + 1,
                                      std::int64_t{hang_.next_step()} - steps_});
  for (ThreadSet set = timed_; set != 0; set &= set - 1) {
    const std::uint64_t deadline = runtime.threads[static_cast<unsigned>(std::countr_zero(set))].deadline;
    const std::uint64_t left = deadline > now() ? (deadline - now()) / step_ + 1 : 1;
    patience_ = std::min<std::int64_t>(patience_, static_cast<std::int64_t>(std::min<std::uint64_t>(left, 1U << 30U)));
  }
}

void Scheduler::decide(Intent next) {
  Thread& from = *runtime.current;
  from.next = next;
  count_points();
  if (steps_ > most_steps_) report_too_long(most_steps_);
  const bool long_run = steps_ - resumed_ > kLongRun;
  const bool spins = from.equal_looks >= kEqualLooks;
  const bool yields = from.yields || spins || long_run;
  if (yields) {
    idle_ |= from.bit();
    from.yields = false;
    resumed_ = steps_;
  }
  if (spins) from.equal_looks = 0;
  if ((hang_.active() || steps_ >= hang_.next_step()) && probe_for_hang()) [[unlikely]]
    return;
  if (timed_ != 0) wake_sleepers();
  if ((runnable_ & ~idle_) == 0) pass_time();
  if (runnable_ == 0 && lost_ != 0) report_lost();
  if (runnable_ == 0) report_standstill();

  const bool can = (runnable_ & from.bit()) != 0;
  const ThreadId fallback = can && !yields ? from.id : next_after(from.id, runnable_);
  ThreadId chosen = fallback;
  std::int64_t patience = 1;
  if ((runnable_ & (runnable_ - 1)) == 0) {
    patience = strategy_->alone(chosen);
  } else {
    chosen = strategy_->choose({runnable_, from.id, fallback, can, yields, spins, long_run, steps_});
    if (chosen == Strategy::kNobody) give_up();
    patience = strategy_->patience();
    if (chosen != fallback) taken_.departures.push_back({from.id, chosen, from.points});
  }
  if (chosen != from.id) resumed_ = steps_;
  set_patience(patience);
  go_on_with(chosen);
}

bool Scheduler::probe_for_hang() {
  if (runnable_ == 0 && timed_ == 0) return false;
  if (!hang_.active()) hang_.begin(steps_, runnable_, timed_);
  const std::optional<ThreadId> alone = hang_.next(steps_, runnable_, timed_);
  if (!alone) {
    if (!std::has_single_bit(runnable_ | timed_))
      add_note("not tried: all schedules of executions with very many steps");
    return false;
  }
  Thread& thread = runtime.threads[*alone];
  if ((runnable_ & thread.bit()) == 0) {  // its time-out fires
    if (thread.deadline > now()) epoch_ += thread.deadline - now();
    thread.timed_out = true;
    make_runnable(thread);
  }
  patience_ = 1;
  if (*alone != runtime.current->id) resumed_ = steps_;
  go_on_with(*alone);
  return true;
}

void Scheduler::go_on_with(ThreadId chosen) {
  Thread& from = *runtime.current;
  if (chosen == from.id) return;
  ++switches_;
  Thread& to = runtime.threads[chosen];
  runtime.current = &to;
  // The one that arrives goes on behind its own call of switch_fiber.
  switch_fiber(from.fiber, to.fiber);
}

}  // namespace racetrack::explore
