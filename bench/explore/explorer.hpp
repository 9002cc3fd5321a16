// Executes a body under many schedules until a failure is found, all schedules have been tried, or the budget is spent.
#pragma once

#include <cstdint>
#include <functional>
#include <optional>
#include <string>
#include <vector>

#include "explore/execution.hpp"
#include "explore/schedule/schedule.hpp"
#include "explore/session.hpp"
#include "explore/suppressions.hpp"

namespace racetrack::explore {

/// The code to explore.
struct Subject {
  std::function<void()> body;  ///< runs as the first thread of each execution
  /// Called after an execution that ended normally. Returns a failure in its outcome, or nothing.
  std::function<std::optional<Failure>()> judge = [] { return std::optional<Failure>{}; };
  bool may_exit = false;         ///< a program, which may end by exit(0)
  const void* module = nullptr;  ///< an address in the module whose global variables are restored
};

struct Plan {
  Memory memory = Memory::sequential;
  std::vector<std::string> strategies;  ///< used in turn; empty: the rotation
  std::uint64_t seed = 0;
  double seconds = 10.0;
  std::uint64_t executions = ~std::uint64_t{0};
  std::uint32_t most_steps = 100'000;  ///< per execution
  WorldOptions world;
  Races races = Races::report;
  std::vector<Suppression> suppressions;
  /// Called after a finding. Returns whether to stop.
  std::function<bool(const Failure&)> enough = [](const Failure&) { return true; };
};

struct Finding {
  Failure failure;
  Schedule schedule;            ///< with few departures
  std::string strategy;         ///< the one that found it
  std::uint64_t execution = 0;  ///< counted from 1, over all strategies
  double seconds = 0;           ///< since the beginning
  std::uint32_t steps = 0;
  std::uint64_t fingerprint = 0;
  EventLog events;          ///< of the shortest failing execution
  CodePlaces places;        ///< filled in when there are suppressions or several races
  std::uint64_t times = 1;  ///< executions with this failure
  std::string printed;      ///< standard output and error of that execution
};

/// A failure of one execution that the same schedule did not repeat. It is not a finding.
struct Unconfirmed {
  Failure failure;
  std::uint64_t times = 1;  ///< executions with this failure
  std::string difference;   ///< steps and outcome of the first such execution, and of its repetition
};

/// The work of one strategy.
struct Share {
  std::string strategy;
  std::uint64_t executions = 0;
  double seconds = 0;
  double steps = 0;       ///< in all executions together
  std::string searched;   ///< coverage of its widest finished depth-first search; empty: none finished
  std::string not_tried;  ///< list of the behaviour that this search left out
  std::string exhausted;  ///< `searched`, when nothing was left out
};

/// A library that is not instrumented, and its share of the executed code.
struct UnseenLibrary {
  std::string file;
  std::uint64_t samples;  ///< of Exploration::samples, in the code of this library
};

struct Exploration {
  std::vector<Finding> findings;  ///< distinct by kind and places
  std::vector<Finding> suppressed;
  std::vector<Suppression> suppressions;  ///< those of the plan, with the number of uses
  std::size_t races_not_reported = 0;  ///< distinct races that Races::ignore or Races::steps kept from being reported
  /// Uninstrumented libraries that started a thread with a race. Such races are not reported, because synchronisation
  /// that is not seen may order the accesses.
  std::vector<std::string> libraries_with_uncertain_races;
  std::vector<Share> shares;
  std::uint64_t executions = 0, failed = 0;
  std::uint64_t abandoned = 0;  ///< executions that assume() ended
  std::uint64_t too_long = 0;   ///< executions that ended at the limit of steps
  double seconds = 0;
  std::string unusable;  ///< why the explorer could not control an execution; empty: it controlled all
  std::vector<Unconfirmed> unconfirmed;
  std::string nondeterminism;  ///< describes the unconfirmed failures; empty: every failure repeated
  // Coverage of the widest finished depth-first search, as in its share.
  std::string searched, not_tried;
  bool complete = false;           ///< nothing was left out, and each failure repeated
  std::vector<std::string> notes;  ///< what was not controlled or not tried; with any note, nothing counts as exhausted
  unsigned threads = 0;            ///< the largest number in one execution; 1: there was nothing to interleave
  std::vector<UnseenLibrary> unseen_libraries;  ///< the uninstrumented libraries that the subject needs
  std::uint64_t samples = 0;  ///< of the processor time outside the explorer; 0 in a search of a few milliseconds
};

/// The reason why a subject without findings does not pass; empty: it passes. The reasons: all executions were
/// abandoned, a race is uncertain, or some were cut off at the limit of steps, so that their ends are not known.
std::string inconclusive(const Exploration& exploration, const Plan& plan);

/// "libfoo.so: 58 of 480 samples of processor time outside the explorer (12 %)".
std::string describe_share(const std::string& file, std::uint64_t samples, std::uint64_t all);

Exploration explore(const Subject& subject, const Plan& plan);

/// Limit of steps of a replay. The limits of the exploration do not apply to replays.
inline constexpr std::uint32_t kStepsOfReplays = 10'000'000;

/// Executes one schedule and returns its events when `record` is set. The kind of the failure is empty when the
/// execution does not fail.
Finding replay_schedule(const Subject& subject, const Schedule& schedule, std::uint32_t most_steps, bool record,
                        const WorldOptions& world = {});

}  // namespace racetrack::explore
