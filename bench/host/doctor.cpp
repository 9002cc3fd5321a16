#include "host/doctor.hpp"

#include <chrono>
#include <string>
#include <thread>

#include <fmt/format.h>

#include "host/environment.hpp"
#include "host/safe_text.hpp"
#include "load/calibration.hpp"

namespace racetrack::host {
namespace {

void print_fact(bool good, const std::string& fact, const std::string& remedy) {
  print_safely(stdout, "{}  {}{}\n", good ? "good" : "BAD ", fact, good || remedy.empty() ? "" : ": " + remedy);
}

/// One fact about the load of the machine, with a remedy if the load is too high.
struct Noise {
  bool good;
  std::string fact, remedy;
};

Noise noise_of_load(const nlohmann::json& facts) {
  const double load = facts["load_1min"];
  return {load < 0.5, fmt::format("load of the last minute: {:.2f}", load), "other work runs: wait or stop it"};
}

Noise noise_of_steal(const nlohmann::json& facts, const char* when) {
  const double steal = facts["steal_ratio"].is_number() ? facts["steal_ratio"].get<double>() : 0;
  return {steal < 0.01, fmt::format("stolen by the hypervisor {}: {:.1f} %", when, steal * 100),
          "a shared machine: use more forks, compare pairs only"};
}

}  // namespace

std::string noise_before_run(const nlohmann::json& facts) {
  const Noise load = noise_of_load(facts);
  const Noise steal = noise_of_steal(facts, "while the clocks were calibrated");
  std::string text;
  for (const Noise& each : {load, steal}) {
    if (!each.good) text += fmt::format("racetrack: the machine is busy: {}: {}\n", each.fact, each.remedy);
  }
  if (text.empty()) text = fmt::format("racetrack: the machine is quiet: {}; {}\n", load.fact, steal.fact);
  return text;
}

Exit examine_machine() {
  const load::Topology topology = load::Topology::detect();
  const Steal before = Steal::read();
  std::this_thread::sleep_for(std::chrono::seconds(1));
  const Clock clock = load::calibrate();
  const nlohmann::json facts = machine_facts(topology, &clock, load::measure_skew(topology.compact), &before);
  print_safely(stdout, "{}, {} cores, {} hardware threads, {}\n", facts["cpu"].get<std::string>(), topology.cores,
               topology.hardware_threads(), facts["os"].get<std::string>());
  print_fact(facts["tsc"]["invariant"], fmt::format("time stamp counter: {:.3f} GHz", clock.ticks_per_ns),
             "it is not invariant; build with -DRACETRACK_MONOTONIC_CLOCK=ON");
  print_fact(true, fmt::format("clocks of two processors agree within {} ns", facts["tsc"]["skew_ns"].dump()), "");
  print_fact(topology.hardware_threads() >= 4, fmt::format("{} hardware threads", topology.hardware_threads()),
             "cases with more threads are oversubscribed and do not show scaling");
  const std::string governor = facts["governor"];
  print_fact(governor == "performance" || governor == "unknown", "frequency governor: " + governor,
             "cpupower frequency-set -g performance");
  const std::string turbo = facts["turbo"];
  print_fact(turbo != "on", "turbo: " + turbo,
             "turn it off for stable measurements (…/intel_pstate/no_turbo or …/cpufreq/boost)");
  for (const Noise& each : {noise_of_steal(facts, "in the last second"), noise_of_load(facts)}) {
    print_fact(each.good, each.fact, each.remedy);
  }
  const std::string hypervisor = facts["virtualization"];
  print_fact(hypervisor == "none", "virtualization: " + hypervisor,
             "the hypervisor controls placement and frequency; compare pairs in one run");
  return Exit::as_expected;
}

Exit print_environment() {
  const load::Topology topology = load::Topology::detect();
  const Clock clock = load::calibrate();
  const nlohmann::json machine = machine_facts(topology, &clock, load::measure_skew(topology.compact));
  print_safely(stdout, "{}\n", nlohmann::json{{"machine", machine}, {"build", build_json()}}.dump(2));
  return Exit::as_expected;
}

}  // namespace racetrack::host
