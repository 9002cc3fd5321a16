// Known-bad pools beside their mended twins, each in the workload that its fault spoils. See faulty_pool.hpp.
#include "faulty_pool.hpp"

#include <string_view>

#include <racetrack/expectations.hpp>
#include <racetrack/plugin.hpp>
#include <racetrack/pool.hpp>
#include <racetrack/standard_library.hpp>

namespace {

/// Registers a pool as a control in `workload` alone, with two threads.
template <Fault kFault>
void add_control(racetrack::Registry& registry, std::string_view workload, std::string_view name,
                 const racetrack::Expectation& expectation) {
  racetrack::Registry workloads;
  workloads.add<racetrack::pool::Family, FaultyPool<kFault>>(
      name, {.library = racetrack::standard_library(), .nested = true}, expectation, racetrack::Standing::control);
  for (racetrack::Scenario scenario : workloads.scenarios()) {
    if (scenario.workload != workload) continue;
    for (racetrack::Axis& axis : scenario.axes) {
      axis.stress = {axis.stress.empty() ? axis.defaults.front() : axis.stress.front()};
      axis.defaults = axis.full = axis.stress;
    }
    registry.add(std::move(scenario));
  }
}

}  // namespace

RACETRACK_PLUGIN(registry) {
  const racetrack::Expectation lost_wakeup = racetrack::expect_lost_wakeup();
  add_control<Fault::stop_without_mutex>(registry, "shutdown", "stop_without_mutex", lost_wakeup);
  add_control<Fault::none>(registry, "shutdown", "stop_under_mutex", {});
  add_control<Fault::one_waiter_woken>(registry, "wait_idle", "one_waiter_woken", lost_wakeup);
  add_control<Fault::none>(registry, "wait_idle", "all_waiters_woken", {});
  add_control<Fault::drops_at_shutdown>(registry, "shutdown", "drops_at_shutdown",
                                        racetrack::expect_fault("oracle.exactly_once", "lost"));
  add_control<Fault::none>(registry, "shutdown", "drains_at_shutdown", {});
  add_control<Fault::waits_without_helping>(registry, "fork_join", "waits_without_helping", lost_wakeup);
  add_control<Fault::none>(registry, "fork_join", "helps_while_it_waits", {});
}
