#include "host/doctor.hpp"

#include <chrono>
#include <string>
#include <thread>

#include <fmt/format.h>

#include "host/environment.hpp"
#include "load/calibration.hpp"

namespace racetrack::host {
namespace {

void say(bool good, const std::string& fact, const std::string& remedy) {
  fmt::print("{}  {}{}\n", good ? "good" : "BAD ", fact, good || remedy.empty() ? "" : ": " + remedy);
}

}  // namespace

Exit examine_machine() {
  const load::Topology topology = load::Topology::detect();
  const Steal before = Steal::read();
  std::this_thread::sleep_for(std::chrono::seconds(1));
  const Clock clock = load::calibrate();
  const nlohmann::json facts = machine_facts(topology, clock, load::measure_skew(topology.compact), &before);
  fmt::print("{}, {} cores, {} hardware threads, {}\n", facts["cpu"].get<std::string>(), topology.cores,
             topology.hardware_threads(), facts["os"].get<std::string>());
  say(facts["tsc"]["invariant"], fmt::format("time stamp counter: {:.3f} GHz", clock.ticks_per_ns),
      "it is not invariant; build with -DRACETRACK_MONOTONIC_CLOCK=ON");
  say(true, fmt::format("clocks of two processors agree within {} ns", facts["tsc"]["skew_ns"].dump()), "");
  say(topology.hardware_threads() >= 4, fmt::format("{} hardware threads", topology.hardware_threads()),
      "cases with more threads are oversubscribed and say nothing of scaling");
  const std::string governor = facts["governor"];
  say(governor == "performance" || governor == "unknown", "frequency governor: " + governor,
      "cpupower frequency-set -g performance");
  const std::string turbo = facts["turbo"];
  say(turbo != "on", "turbo: " + turbo,
      "switch it off for steady numbers (…/intel_pstate/no_turbo or …/cpufreq/boost)");
  const double steal = facts["steal_ratio"].is_number() ? facts["steal_ratio"].get<double>() : 0;
  say(steal < 0.01, fmt::format("stolen by the hypervisor in the last second: {:.1f} %", steal * 100),
      "a shared machine: use more forks, compare pairs only");
  const double load = facts["load_1min"];
  say(load < 0.5, fmt::format("load of the last minute: {:.2f}", load), "other work runs: wait or stop it");
  const std::string hypervisor = facts["virtualization"];
  say(hypervisor == "none", "virtualization: " + hypervisor,
      "placement and frequency are the host's; compare pairs in one run");
  return Exit::as_expected;
}

Exit print_environment() {
  const load::Topology topology = load::Topology::detect();
  const nlohmann::json machine = machine_facts(topology, load::calibrate(), load::measure_skew(topology.compact));
  fmt::print("{}\n", nlohmann::json{{"machine", machine}, {"build", build_json()}}.dump(2));
  return Exit::as_expected;
}

}  // namespace racetrack::host
