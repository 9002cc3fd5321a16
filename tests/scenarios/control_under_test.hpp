// Runs a control until its fault shows, in a separate process, because the control may hang or crash.
#pragma once

#include <algorithm>
#include <chrono>
#include <cstdint>
#include <vector>

#include <sys/wait.h>
#include <unistd.h>

#include "oracle/expectation.hpp"
#include "oracle/judge.hpp"
#include "plugin_under_test.hpp"
#include "stress/perturbation.hpp"

namespace racetrack {

enum class Harm : int {
  none = 10,       ///< no fault showed in the time limit
  failed_check,    ///< an oracle or the round's own check failed, as expected
  stalled,         ///< threads waited in vain
  not_as_expected  ///< an oracle found a fault that the control does not declare
};

inline Harm harm_of(const Scenario& scenario, const load::RoundOutcome& outcome) {
  Verdict verdict = oracle::judge(scenario.oracles, outcome.history);
  if (outcome.check.result > verdict.result) verdict = outcome.check;
  if (verdict.result == Result::fail && verdict.detector != "watchdog") {
    return oracle::as_expected(scenario.expectation, verdict) ? Harm::failed_check : Harm::not_as_expected;
  }
  return outcome.stopped ? Harm::stalled : Harm::none;
}

/// Runs rounds like those of the stress engine, short and long, perturbed at the boundaries of operations, for at most
/// two minutes.
inline Harm run_until_harm(const Scenario& scenario, const Parameters& params) {
  static const std::vector<int> cpus = load::Topology::detect().compact;
  auto& runner = *new load::RoundRunner(make_runner(scenario, params, std::chrono::seconds(3)));  // never destroyed
  static stress::WorkerPerturbation workers(cpus);
  runner.disturb_workers_with(workers.disturbance());
  std::size_t threads = 0;
  for (const Role& role : runner.roles()) threads += role.threads;
  try {
    const auto end = std::chrono::steady_clock::now() + std::chrono::minutes(2);
    for (std::uint64_t round = 0; std::chrono::steady_clock::now() < end; ++round) {
      std::uint64_t state = round;
      const stress::Strength strength = stress::Strength::draw(stress::split_mix(state));
      auto& perturbations = *new std::vector<stress::Perturbation>;  // threads that hang still use them
      std::vector<Disturbance> disturbances;
      perturbations.reserve(threads);
      for (std::size_t thread = 0; thread < threads; ++thread) {
        perturbations.emplace_back(strength, stress::split_mix(state), cpus);
        disturbances.push_back(perturbations.back().disturbance());
      }
      runner.disturb_with(disturbances);
      workers.begin_round(strength, stress::split_mix(state));
      const std::uint64_t work = std::uint64_t{8} << (round % 8);
      const bool stamped = round % 2 == 0;
      const Harm harm =
          harm_of(scenario, runner.run(ProbeKind::history, std::min(work, scenario.most_work), round, stamped));
      if (harm != Harm::none) return harm;
    }
  } catch (const load::RoundRunner::Stuck&) {
    return Harm::stalled;
  }
  return Harm::none;
}

/// Returns the harm that the control does in a child process. A child that does not exit normally counts as Harm::none.
inline Harm provoke(const Scenario& scenario, const Parameters& params) {
  const pid_t child = fork();
  if (child == 0) _exit(static_cast<int>(run_until_harm(scenario, params)));
  int status = 0;
  if (child < 0 || waitpid(child, &status, 0) != child || !WIFEXITED(status)) return Harm::none;
  return static_cast<Harm>(WEXITSTATUS(status));
}

/// The harm that rounds must show without the explorer or a detector of races or lock order. Harm::none when only those
/// detect the fault in each run.
inline Harm expected_harm(const Scenario& scenario) {
  for (const Expected& expected : scenario.expectation) {
    if (expected.grade != Grade::must || expected.per_runs > 1) continue;
    if (expected.detector.starts_with("oracle.")) return Harm::failed_check;
    const bool stalls =
        expected.kind == "deadlock" || expected.kind == "lost_wakeup" || expected.detector == "watchdog";
    if (stalls && !expected.detector.starts_with("explore")) return Harm::stalled;
  }
  return Harm::none;
}

}  // namespace racetrack
