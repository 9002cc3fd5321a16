#include "load/priority.hpp"

#include <sched.h>

namespace racetrack::load {
namespace {

void move_by(int steps) noexcept {
  const int policy = sched_getscheduler(0);
  sched_param priority{};
  if ((policy != SCHED_FIFO && policy != SCHED_RR) || sched_getparam(0, &priority) != 0) return;
  priority.sched_priority += steps;
  if (priority.sched_priority < sched_get_priority_min(policy)) return;
  if (priority.sched_priority > sched_get_priority_max(policy)) return;
  sched_setscheduler(0, policy, &priority);
}

}  // namespace

void rise_above_subjects() noexcept { move_by(1); }
void step_back_to_subjects() noexcept { move_by(-1); }

}  // namespace racetrack::load
