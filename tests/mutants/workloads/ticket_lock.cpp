#include "ticket_lock.hpp"

#include <mutex>

#include <racetrack/explore.hpp>

#include "lock_workload.hpp"

RACETRACK_EXPLORE(one_at_a_time) {
  TicketLock lock;
  count_under<std::lock_guard<TicketLock>>(lock);
}
