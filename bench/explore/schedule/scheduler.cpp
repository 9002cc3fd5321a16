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
  steps_ = since_ = resumed_ = switches_ = waiting_since_ = clock_reads_ = 0;
  decides_at_ = 1;
  runnable_ = timed_ = idle_ = lost_ = 0;
  epoch_ = kBeginningOfTime;
  step_ = beginning.slow ? kSlowStep : kQuickStep;
  taken_ = beginning;
  spurious_left_ = beginning.spurious_failures;
  taken_.departures.clear();
  stale_left_ = kStaleReads;
  hang_.begin_execution();
  untried_.clear();
  if (beginning.memory == Memory::weak) stale_reads_.begin(seed);
  early_time_outs_.begin(seed);
}

void Scheduler::add(Thread& thread) {
  runnable_ |= thread.bit();
  strategy_->thread_begins(thread.id);
  reconsider();
}

void Scheduler::make_runnable(Thread& thread) {
  runnable_ |= thread.bit();
  timed_ &= ~thread.bit();
  strategy_->thread_begins(thread.id);
  reconsider();
}

void Scheduler::make_blocked(const Thread& thread) {
  runnable_ &= ~thread.bit();
  if (thread.deadline >= kEndOfTime) return;
  if (timed_ == 0) {
    waiting_since_ = steps_;
    decide_by(steps_ + kLongWait);
  }
  timed_ |= thread.bit();
}

void Scheduler::yield() {
  runtime.current->yields = true;
  reconsider();
  point({});
}

void Scheduler::block(Intent next) {
  Thread& thread = *runtime.current;
  if (thread.deadline <= now()) {
    thread.timed_out = thread.yields = true;
    ++steps_;
    decide(next);
    return;
  }
  make_blocked(thread);
  if ((timed_ & thread.bit()) != 0) {
    touch({Touch::Kind::write, kPseudoTime});  // the order of two deadlines depends on which wait begins first
    const std::uint32_t early = strategy_->searches() ? EarlyTimeOuts::kNotEarly : early_time_outs_.draw();
    thread.fires_at = early == EarlyTimeOuts::kNotEarly ? early : steps_ + early;
  }
  ++steps_;
  decide(next);
  if (!thread.timed_out || thread.deadline == Thread::kNever) return;
  touch({Touch::Kind::write, kPseudoTime});
  if (thread.wait != Wait::sleep) touch({Touch::Kind::write, thread.awaited});
}

void Scheduler::leave() {
  runnable_ &= ~runtime.current->bit();
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
  if (hang_.active()) return 0;  // a stale value proves nothing
  if (stale_left_ == 0) {
    leave_out(Untried::stale_reads);
    return 0;
  }
  const unsigned choice = strategy_->read(count, stale_reads_);
  if (choice == 0 || choice >= count) return 0;
  --stale_left_;
  taken_.departures.push_back({runtime.current->id, static_cast<std::uint8_t>(choice), runtime.current->points});
  return choice;
}

bool Scheduler::fails_spuriously() {
  if (spurious_left_ == 0) leave_out(Untried::spurious_failures);
  if (taken_.spurious_failures == 0) return false;
  ++steps_;
  count_points();
  if (spurious_left_ == 0 || !strategy_->fails_spuriously()) return false;
  --spurious_left_;
  taken_.departures.push_back({runtime.current->id, 1, runtime.current->points});
  return true;
}

ThreadId Scheduler::next_after(ThreadId thread, ThreadSet candidates) const noexcept {
  const ThreadSet later = candidates & ~(2 * set_of(thread) - 1);
  return static_cast<ThreadId>(std::countr_zero(later != 0 ? later : candidates));
}

void Scheduler::end_wait(Thread& thread) {
  if (thread.deadline > now()) epoch_ += thread.deadline - now();
  thread.timed_out = true;
  runnable_ |= thread.bit();
  timed_ &= ~thread.bit();
  waiting_since_ = steps_;
}

void Scheduler::fire(Thread& thread) {
  end_wait(thread);
  for (ThreadSet set = timed_; set != 0; set &= set - 1) {
    Thread& other = runtime.threads[static_cast<unsigned>(std::countr_zero(set))];
    if (other.deadline <= now()) end_wait(other);
  }
}

bool Scheduler::pass_time() {
  Thread* first = nullptr;
  for (ThreadSet set = timed_; set != 0; set &= set - 1) {
    Thread& thread = runtime.threads[static_cast<unsigned>(std::countr_zero(set))];
    if (first == nullptr || thread.deadline < first->deadline) first = &thread;
  }
  if (first == nullptr) return false;
  fire(*first);
  idle_ = 0;
  return true;
}

ThreadId Scheduler::fire_early_time_outs(ThreadId usual) {
  const Thread& from = *runtime.current;
  for (ThreadSet set = timed_; set != 0; set &= set - 1) {
    Thread& thread = runtime.threads[static_cast<unsigned>(std::countr_zero(set))];
    if ((timed_ & thread.bit()) == 0 || thread.fires_at > steps_) continue;
    taken_.departures.push_back({from.id, thread.id, from.points});
    fire(thread);
    usual = thread.id;
  }
  return usual;
}

std::uint64_t Scheduler::read_clock() {
  leave_out(Untried::clock);
  touch({Touch::Kind::time});
  if (++clock_reads_ > kQuickClockReads) epoch_ += kQuickStep << std::min((clock_reads_ - kQuickClockReads) / 8, 36U);
  return now();
}

void Scheduler::set_patience(std::uint32_t wanted) {
  decides_at_ = steps_ + wanted;
  decide_by(most_steps_ + 1);
  decide_by(resumed_ + kLongRun + 1);
  decide_by(hang_.next_step());
  if (timed_ == 0) return;
  if (strategy_->searches()) return reconsider();
  decide_by(waiting_since_ + kLongWait);
  for (ThreadSet set = timed_; set != 0; set &= set - 1) {
    decide_by(runtime.threads[static_cast<unsigned>(std::countr_zero(set))].fires_at);
  }
}

void Scheduler::decide(Intent next) {
  Thread& from = *runtime.current;
  from.next = next;
  count_points();
  if (steps_ > most_steps_) report_too_long(most_steps_);
  if (from.indivisible != 0 && (runnable_ & from.bit()) != 0) {
    reconsider();
    return;
  }
  const bool long_run = steps_ - resumed_ > kLongRun;
  const bool spins = from.repeated_reads >= kRepeatedReads;
  const bool yields = from.yields || spins || long_run;
  if (yields) {
    idle_ |= from.bit();
    from.yields = false;
    resumed_ = steps_;
  }
  if (spins) from.repeated_reads = 0;
  if ((hang_.active() || steps_ >= hang_.next_step()) && probe_for_hang()) [[unlikely]]
    return;
  if ((runnable_ & ~idle_) == 0) {
    pass_time();
  } else if (timed_ != 0 && steps_ - waiting_since_ >= kLongWait) {
    leave_out(Untried::time_outs);
    pass_time();
  }
  if (runnable_ == 0 && lost_ != 0) report_lost();
  if (runnable_ == 0) report_standstill();

  const bool can = (runnable_ & from.bit()) != 0;
  ThreadId chosen = can && !yields ? from.id : next_after(from.id, runnable_);
  const bool searches = strategy_->searches();
  if (timed_ != 0 && !searches) chosen = fire_early_time_outs(chosen);
  std::uint32_t patience = 1;
  for (;;) {
    const ThreadSet timed = searches ? timed_ : ThreadSet{0};
    if (timed == 0 && std::has_single_bit(runnable_)) {
      chosen = static_cast<ThreadId>(std::countr_zero(runnable_));
      patience = strategy_->alone(chosen);
      break;
    }
    const ThreadId usual = chosen;
    chosen = strategy_->choose({runnable_, timed, from.id, usual, can, yields, spins, long_run, steps_});
    if (chosen == Strategy::kNoThread) give_up();
    if (chosen != usual) taken_.departures.push_back({from.id, chosen, from.points});
    patience = strategy_->patience();
    if ((timed & set_of(chosen)) == 0) break;
    Thread& fired = runtime.threads[chosen];
    touch({Touch::Kind::write, kPseudoTime});
    if (fired.wait != Wait::sleep) touch({Touch::Kind::write, fired.awaited});
    fire(fired);
  }
  if (chosen != from.id) resumed_ = steps_;
  set_patience(patience);
  switch_to(chosen);
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
  if ((runnable_ & thread.bit()) == 0) end_wait(thread);  // not the waits of other threads: they run alone, too
  decides_at_ = steps_ + 1;
  if (*alone != runtime.current->id) resumed_ = steps_;
  switch_to(*alone);
  return true;
}

void Scheduler::switch_to(ThreadId chosen) {
  Thread& from = *runtime.current;
  if (chosen == from.id) return;
  ++switches_;
  Thread& to = runtime.threads[chosen];
  runtime.current = &to;
  // The thread that was switched to continues after its own call of switch_fiber.
  switch_fiber(from.fiber, to.fiber);
}

}  // namespace racetrack::explore
