// A Point behind this project's spinning locks. See spinlock.hpp, ticket_lock.hpp and mcs_lock.hpp.
#include <racetrack/plugin.hpp>
#include <racetrack/point.hpp>

#include "guarded_point.hpp"
#include "mcs_lock.hpp"
#include "spinlock.hpp"
#include "ticket_lock.hpp"

RACETRACK_PLUGIN(registry) {
  using racetrack::point::Family;
  using racetrack::point::fifo;
  registry.add<Family, GuardedPoint<Spinlock>>("spinlock", {.lock = "spin"});
  registry.add<Family, GuardedPoint<TicketLock>>("ticket_lock", {.lock = "ticket", .fairness = fifo});
  registry.add<Family, GuardedPoint<McsLock, McsLock::Guard>>("mcs_lock", {.lock = "queue", .fairness = fifo});
}
