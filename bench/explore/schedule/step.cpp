#include "explore/schedule/step.hpp"

#include <algorithm>
#include <bit>

namespace racetrack::explore {
namespace {

void join(Step& step, const Step& earlier) {
  for (unsigned i = 0; i < clock_width.active; ++i) step.after[i] = std::max(step.after[i], earlier.after[i]);
}

/// Steps `begin` and `end` depend on each other without a dependent step in between. Returns the threads that can begin
/// an execution in which `end` comes without `begin`. Source sets: Abdulla, Aronis, Jonsson and Sagonas, POPL 2014.
ThreadSet initials(const std::vector<Step>& steps, std::size_t begin, std::size_t end) {
  const ThreadId first = steps[begin].thread;
  // 1 + the index of each thread's first step that does not come after `begin`.
  std::array<std::uint32_t, kMostThreads> first_of{};
  ThreadSet found = 0;
  for (std::size_t at = begin + 1; at <= end; ++at) {
    const Step& step = steps[at];
    if (at != end && step.after[first] > begin) continue;
    if (first_of[step.thread] != 0) continue;
    bool initial = true;
    for (unsigned i = 0; i < clock_width.active; ++i) initial &= first_of[i] == 0 || step.after[i] < first_of[i];
    first_of[step.thread] = static_cast<std::uint32_t>(at + 1);
    if (initial) found |= set_of(step.thread);
  }
  return found;
}

void want_other_order(std::vector<Step>& steps, std::size_t begin, std::size_t end) {
  Step& at = steps[begin];
  if (std::has_single_bit(at.candidates)) return;
  const ThreadSet any = initials(steps, begin, end);
  if ((any & (at.wanted | at.asleep)) != 0) return;
  const auto can = static_cast<ThreadSet>(any & at.candidates);
  if (can == 0) return;
  const auto free = static_cast<ThreadSet>(can & ~at.costly);
  if (free != 0) {
    at.wanted |= static_cast<ThreadSet>(free & -free);
  } else {
    // A costly step here may turn out unnecessary later, so the candidates without a cost must be tried as well.
    at.wanted |= static_cast<ThreadSet>((can & -can) | (at.candidates & ~at.costly));
  }
}

/// The step that locked the mutex which step `unlock` unlocks.
std::size_t locked_by(const std::vector<Step>& steps, std::size_t unlock, std::uintptr_t mutex) {
  std::size_t at = unlock;
  while (steps[at].previous != 0) {
    at = steps[at].previous - 1;
    if (steps[at].footprint.locks(mutex)) return at;
  }
  return unlock;
}

}  // namespace

void reverse_races(std::vector<Step>& steps, std::size_t length, std::size_t first) {
  std::vector<std::size_t> races;
  for (std::size_t at = first; at < length; ++at) {
    Step& step = steps[at];
    step.after = {};
    if (step.previous != 0) join(step, steps[step.previous - 1]);
    races.clear();
    const auto comes_after = [&](std::size_t i, bool reversible) {
      const Step& earlier = steps[i];
      if (const auto mutex = step.footprint.handed_over_by(earlier.footprint)) {
        // This step waits until the mutex is unlocked. The two locks of it could have come in the other order.
        const std::size_t lock = locked_by(steps, i, *mutex);
        if (step.after[earlier.thread] <= lock) races.push_back(lock);
      } else if (reversible) {
        races.push_back(i);
      }
      join(step, earlier);
    };
    for (const std::uint32_t i : step.follows) comes_after(i, false);
    for (std::size_t i = at; i-- > 0;) {
      if (step.after[steps[i].thread] <= i && step.footprint.depends_on(steps[i].footprint)) comes_after(i, true);
    }
    step.after[step.thread] = static_cast<std::uint32_t>(at + 1);
    for (const std::size_t i : races) want_other_order(steps, i, at);
  }
}

}  // namespace racetrack::explore
