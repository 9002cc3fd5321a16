// A control that is run until its fault shows, in a process of its own: it may hang or crash.
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
  none = 10,       ///< in all that time
  failed_check,    ///< an oracle or the round's own check objected, as expected
  stood_still,     ///< threads waited in vain
  not_as_expected  ///< an oracle saw what the control is not known for
};

inline Harm harm_of(const Scenario& scenario, const load::RoundOutcome& outcome) {
  Verdict verdict = oracle::judge(scenario.oracles, outcome.history);
  if (outcome.check.result > verdict.result) verdict = outcome.check;
  if (verdict.result == Result::fail && verdict.detector != "watchdog") {
    return oracle::as_expected(scenario.expectation, verdict) ? Harm::failed_check : Harm::not_as_expected;
  }
  return outcome.stopped ? Harm::stood_still : Harm::none;
}

/// Rounds like those of the stress engine: short and long ones, disturbed at the boundaries of operations.
inline Harm run_until_harm(const Scenario& scenario, const Parameters& params) {
  static const std::vector<int> cpus = load::Topology::detect().compact;
  auto& runner = *new load::RoundRunner(make_runner(scenario, params, std::chrono::seconds(3)));  // never destroyed
  static stress::Strangers strangers(cpus);
  runner.disturb_strangers_with(strangers.disturbance());
  std::size_t threads = 0;
  for (const Role& role : runner.roles()) threads += role.threads;
  try {
    const auto end = std::chrono::steady_clock::now() + std::chrono::minutes(2);
    for (std::uint64_t round = 0; std::chrono::steady_clock::now() < end; ++round) {
      std::uint64_t state = round;
      const stress::Strength strength = stress::Strength::draw(stress::split_mix(state));
      auto& perturbations = *new std::vector<stress::Perturbation>;  // threads that hang go on using them
      std::vector<Disturbance> disturbances;
      perturbations.reserve(threads);
      for (std::size_t thread = 0; thread < threads; ++thread) {
        perturbations.emplace_back(strength, stress::split_mix(state), cpus);
        disturbances.push_back(perturbations.back().disturbance());
      }
      runner.disturb_with(disturbances);
      strangers.begin_round(strength, stress::split_mix(state));
      const std::uint64_t work = std::uint64_t{8} << (round % 8);
      const bool stamped = round % 2 == 0;
      const Harm harm =
          harm_of(scenario, runner.run(ProbeKind::history, std::min(work, scenario.most_work), round, stamped));
      if (harm != Harm::none) return harm;
    }
  } catch (const load::RoundRunner::Stuck&) {
    return Harm::stood_still;
  }
  return Harm::none;
}

/// What becomes of the control; a wait status that is no exit counts as Harm::none.
inline Harm provoke(const Scenario& scenario, const Parameters& params) {
  const pid_t child = fork();
  if (child == 0) _exit(static_cast<int>(run_until_harm(scenario, params)));
  int status = 0;
  if (child < 0 || waitpid(child, &status, 0) != child || !WIFEXITED(status)) return Harm::none;
  return static_cast<Harm>(WEXITSTATUS(status));
}

/// What rounds alone must show of the control: nothing when only a detector of races or of the order of locks sees it.
inline Harm expected_harm(const Scenario& scenario) {
  for (const Expected& expected : scenario.expectation) {
    if (expected.grade != Grade::must) continue;
    if (expected.detector.starts_with("oracle.")) return Harm::failed_check;
    const bool stands_still =
        expected.kind == "deadlock" || expected.kind == "lost_wakeup" || expected.detector == "watchdog";
    if (stands_still && !expected.detector.starts_with("explore")) return Harm::stood_still;
  }
  return Harm::none;
}

}  // namespace racetrack
