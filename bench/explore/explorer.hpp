// Executes a body under many schedules until something is wrong, nothing is left, or the budget is spent.
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

/// What is explored.
struct Subject {
  std::function<void()> body;  ///< the first thread of each execution
  /// After an execution that came to its end: what is wrong with what it did, or nothing.
  std::function<std::optional<Failure>()> judge = [] { return std::optional<Failure>{}; };
  bool may_exit = false;         ///< it is a program, which may end by exit(0)
  const void* module = nullptr;  ///< an address in the module whose global variables are put back
};

struct Plan {
  Memory memory = Memory::sequential;
  std::vector<std::string> strategies;  ///< in turn; empty: the rotation
  std::uint64_t seed = 0;
  double seconds = 10.0;
  std::uint64_t executions = ~std::uint64_t{0};
  std::uint32_t most_steps = 100'000;  ///< per execution
  WorldOptions world;
  Races races = Races::report;
  std::vector<Suppression> suppressions;
  /// After a finding: has enough been found?
  std::function<bool(const Failure&)> enough = [](const Failure&) { return true; };
};

struct Finding {
  Failure failure;
  Schedule schedule;            ///< with as few departures as could be
  std::string strategy;         ///< that found it
  std::uint64_t execution = 0;  ///< counted from 1, over all strategies
  double seconds = 0;           ///< from the beginning
  std::uint32_t steps = 0;
  std::uint64_t fingerprint = 0;
  EventLog events;          ///< of the shortest failing execution
  CodePlaces places;        ///< known where there are suppressions, or several races
  std::uint64_t times = 1;  ///< executions that failed so
  std::string printed;      ///< by that execution, to standard output and error
};

/// A failure of one execution that its schedule did not show when it was executed again: no finding.
struct Unconfirmed {
  Failure failure;
  std::uint64_t times = 1;  ///< executions that met it
  std::string difference;   ///< steps and outcome of the first execution that met it, and of its repetition
};

/// What one strategy did.
struct Share {
  std::string strategy;
  std::uint64_t executions = 0;
  double seconds = 0;
  double steps = 0;       ///< all executions together
  std::string searched;   ///< coverage of its widest finished depth-first search; empty: none has finished
  std::string not_tried;  ///< what that search left out, as a list
  std::string exhausted;  ///< `searched`, when it left nothing out
};

struct Exploration {
  std::vector<Finding> findings;  ///< distinct by kind and places
  std::vector<Finding> suppressed;
  std::vector<Suppression> suppressions;  ///< of the plan, with the times they were used
  std::size_t races_not_reported = 0;     ///< distinct ones that Races::ignore or Races::steps kept from being reported
  std::vector<Share> shares;
  std::uint64_t executions = 0, failed = 0;
  std::uint64_t abandoned = 0;  ///< executions that assume() ended
  std::uint64_t too_long = 0;   ///< executions that ended at the limit of steps
  double seconds = 0;
  std::string unusable;  ///< why an execution could not be followed; empty: all could
  std::vector<Unconfirmed> unconfirmed;
  std::string nondeterminism;  ///< the unconfirmed failures in words; empty: every failure repeated
  // Of the widest finished depth-first search, as in its share.
  std::string searched, not_tried;
  bool complete = false;           ///< it left nothing out, and each failure repeated
  std::vector<std::string> notes;  ///< what was not controlled or not tried; where there is one, nothing is exhausted
  unsigned threads = 0;            ///< most that one execution had; 1: there was nothing to interleave
};

/// The reason why a subject without findings does not pass; empty: it passes. Nearly all of its executions were abandoned, or more than half
/// of the others too long.
std::string inconclusive(const Exploration& exploration, const Plan& plan);

Exploration explore(const Subject& subject, const Plan& plan);

/// Replays are not held to the limits of the exploration, whose findings depend on none: steps that one may have.
inline constexpr std::uint32_t kStepsOfReplays = 10'000'000;

/// One schedule, with its events. The finding's failure has no kind when nothing is wrong.
Finding replay_schedule(const Subject& subject, const Schedule& schedule, std::uint32_t most_steps, bool record,
                        const WorldOptions& world = {});

}  // namespace racetrack::explore
