#include "explore/schedule/bounds.hpp"

#include <algorithm>

#include "explore/schedule/schedule.hpp"
#include "explore/schedule/scheduler.hpp"
#include "explore/weak/store_history.hpp"
#include "explore/weak/weak_memory.hpp"

namespace racetrack::explore {
namespace {

/// The reduced search compares all pairs of steps of an execution, so its time grows with their square.
constexpr std::size_t kMostSteps = 8000;
constexpr unsigned kMostUnfairTurns = 768, kMostStaleReads = Scheduler::kStaleReads, kMostTimeOuts = 1000;

/// "preemptions" for 0, "more than 2 preemptions" otherwise.
std::string more_than(unsigned count, const char* noun) {
  if (count == 0) return std::string(noun) + 's';
  return "more than " + std::to_string(count) + " " + noun + (count == 1 ? "" : "s");
}

}  // namespace

std::string Bounds::describe(UntriedSet untried) const {
  std::string text;
  const auto name = [&](Untried kind, const std::string& description) {
    if (untried.contains(kind)) text += (text.empty() ? "" : ", ") + description;
  };
  name(Untried::spurious_failures, spurious_failures == 0
                                       ? "spurious wakeups and spurious failures of weak compare-exchanges"
                                       : more_than(spurious_failures, "spurious wakeup or compare-exchange failure"));
  name(Untried::time_outs,
       (time_outs == 0 ? "time-outs that fire"
                       : more_than(time_outs, "time-out") + (time_outs == 1 ? " that fires" : " that fire")) +
           " while another thread can run");
  name(Untried::memory_reuse, reuse ? "freed memory that is not reused" : "freed memory that is reused");
  name(Untried::stale_reads, more_than(stale_reads, "stale read"));
  name(Untried::fairness,
       "more than " + std::to_string(unfair_turns) + " turns of a thread that yields or seems to spin (" +
           std::to_string(Scheduler::kRepeatedReads) + " loads in a row that read known values, or " +
           std::to_string(Scheduler::kLongRun) + " steps in a row)");
  name(Untried::later_steps, "other orders of the steps after the first " + std::to_string(steps));
  name(Untried::execution_length, "the rest of executions that were cut off");
  name(Untried::clock, "other values of the clock");
  name(Untried::repeated_loads,
       "stale reads after " + std::to_string(kMostRepeatedReads) + " loads in a row that read known values");
  name(Untried::old_stores, "stores before the latest " + std::to_string(StoreHistory::kKept) + " of a location");
  name(Untried::mixed_sizes, "stale reads where atomics of different sizes overlap");
  return text;
}

bool Deepening::raise(Untried kind) {
  const auto grow = [](auto& bound, auto by, auto most) {
    if (bound >= most) return false;
    bound = std::min(bound * by, most);
    return true;
  };
  const auto count_up = [](unsigned& bound, unsigned most) {
    if (bound >= most) return false;
    ++bound;
    return true;
  };
  switch (kind) {
    case Untried::spurious_failures: return count_up(bounds_.spurious_failures, Schedule::kMostSpuriousFailures);
    case Untried::time_outs: return count_up(bounds_.time_outs, kMostTimeOuts);
    case Untried::stale_reads: return grow(bounds_.stale_reads, 2U, unsigned{kMostStaleReads});
    case Untried::fairness: return grow(bounds_.unfair_turns, 4U, kMostUnfairTurns);
    case Untried::later_steps: return grow(bounds_.steps, std::size_t{4}, kMostSteps);
    default: return false;
  }
}

bool Deepening::deepen() {
  if (untried_.contains(Untried::memory_reuse) && bounds_.reuse) {
    // The other half of a search within the same bounds.
    bounds_.reuse = false;
    untried_.remove(Untried::memory_reuse);
    return true;
  }
  std::array<Untried, kUntriedKinds> kinds{};
  unsigned count = 0;
  for (unsigned i = 0; i < kUntriedKinds; ++i) {
    if (untried_.contains(static_cast<Untried>(i))) kinds[count++] = static_cast<Untried>(i);
  }
  const auto times_raised = [&](Untried kind) { return raised_[static_cast<unsigned>(kind)]; };
  std::stable_sort(kinds.begin(), kinds.begin() + count,
                   [&](Untried one, Untried other) { return times_raised(one) < times_raised(other); });
  for (unsigned i = 0; i < count; ++i) {
    if (!raise(kinds[i])) continue;
    ++raised_[static_cast<unsigned>(kinds[i])];
    bounds_.reuse = true;
    untried_.clear();
    return true;
  }
  return false;
}

}  // namespace racetrack::explore
