// Known-bad pools and their corrected twins, each in the workload that its fault breaks. See faulty_pool.hpp.
#include "faulty_pool.hpp"

#include <string_view>
#include <utility>

#include <racetrack/expectations.hpp>
#include <racetrack/plugin.hpp>
#include <racetrack/pool.hpp>
#include <racetrack/standard_library.hpp>

namespace {

using racetrack::pool::Workload;

/// Registers a pool as a control in one workload and one case.
template <Fault kFault, Workload kWorkload>
void add_control(racetrack::Registry& registry, std::string_view name, const racetrack::Expectation& expectation) {
  racetrack::Registry workloads;
  workloads.add<racetrack::pool::Control<kWorkload>, FaultyPool<kFault>>(
      name, {.library = racetrack::standard_library(), .nested = true}, expectation, racetrack::Standing::control);
  for (racetrack::Scenario scenario : workloads.scenarios()) {
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
  const racetrack::Expectation lost = racetrack::expect_fault("oracle.exactly_once", "lost");
  add_control<Fault::stop_without_mutex, Workload::shutdown>(registry, "stop_without_mutex", lost_wakeup);
  add_control<Fault::none, Workload::shutdown>(registry, "stop_under_mutex", {});
  add_control<Fault::one_waiter_woken, Workload::wait_idle>(registry, "one_waiter_woken", lost_wakeup);
  add_control<Fault::none, Workload::wait_idle>(registry, "all_waiters_woken", {});
  add_control<Fault::drops_at_shutdown, Workload::shutdown>(registry, "drops_at_shutdown", lost);
  add_control<Fault::none, Workload::shutdown>(registry, "drains_at_shutdown", {});
  add_control<Fault::waits_without_helping, Workload::fork_join>(registry, "waits_without_helping", lost_wakeup);
  add_control<Fault::none, Workload::fork_join>(registry, "helps_while_it_waits", {});
}
