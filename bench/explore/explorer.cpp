#include "explore/explorer.hpp"

#include <algorithm>
#include <chrono>
#include <memory>
#include <utility>

#include "explore/schedule/strategies.hpp"
#include "explore/session.hpp"
#include "explore/trace/code_place.hpp"
#include "explore/trace/narrative.hpp"
#include "explore/world/code_samples.hpp"
#include "explore/world/system_threads.hpp"

namespace racetrack::explore {
namespace {

using SteadyClock = std::chrono::steady_clock;

constexpr std::uint64_t kTurn = 16;  ///< executions per turn of a strategy
constexpr double kLongTurn = 0.05;   ///< s; after a longer turn, the next one reads the clock after every execution
constexpr std::uint64_t kMostTooLong = 100;     ///< after so many executions, all of them too long, the search ends
constexpr std::size_t kMostFindings = 100;      ///< after so many, a search that continues after findings ends
constexpr std::uint64_t kMostShrinking = 400;   ///< executions spent on making a schedule shorter
constexpr std::uint64_t kMostRepetitions = 64;  ///< of one failure that does not repeat; later ones are only counted
constexpr std::size_t kMostUnconfirmed = 16;    ///< different failures that do not repeat; others are dropped

double since(SteadyClock::time_point begin) {
  return std::chrono::duration<double>(SteadyClock::now() - begin).count();
}

/// The strategies that find most failures in the fewest executions, and others with different weaknesses. Two
/// depth-first searches take turns: one with a bound of preemptions, which is raised after each complete search, and
/// one without that bound.
constexpr const char* kByPreemptions = "dfs0";
std::vector<std::string> rotation() {
  return {"random", "surw", "pos", "pct3", "random", "surw", kByPreemptions, "pct4",
          "random", "surw", "pos", "pct3", "random", "surw", "dfs",          "pct4"};
}
constexpr unsigned kMostPreemptions = 2;  ///< of the rotation

std::optional<Failure> run_once(const Subject& subject, const ExecutionPlan& plan) {
  switch (run_execution(subject.body, plan)) {
    case Ending::failed: return runtime.failure;
    case Ending::redundant: return std::nullopt;
    case Ending::whole: break;
  }
  return subject.judge();
}

bool same(const Failure& one, const Failure& other) {
  return one.kind == other.kind && one.signature == other.signature;
}

/// Describes the unconfirmed failures and the usual reasons.
std::string describe(const std::vector<Unconfirmed>& failures) {
  std::string text;
  for (const Unconfirmed& each : failures) {
    text += (text.empty() ? "" : "; ") + each.difference;
    if (each.times > 1) text += " (" + std::to_string(each.times) + " executions)";
  }
  if (text.empty()) return text;
  return text +
         ". The subject uses something that the explorer does not control: real time, random devices, addresses, other "
         "processes, or libraries that are not instrumented";
}

/// Describes where a lost thread is; empty when that is not known.
std::string describe_lost(const Failure& failure) {
  const std::string at = describe_code(failure.instruction), after = describe_code(failure.last_step);
  if (at.empty()) return "";
  return ". It is in " + at + (after.empty() ? "" : "; its last step is in " + after);
}

class Explorer {
 public:
  Explorer(const Subject& subject, const Plan& plan)
      : subject_(subject), plan_(plan), seed_(Random(plan.seed)()), begin_(SteadyClock::now()) {
    result_.suppressions = plan.suppressions;
    for (const std::string& name : plan.strategies.empty() ? rotation() : plan.strategies) {
      const auto known =
          std::find_if(turns_.begin(), turns_.end(), [&](const Turn& turn) { return turn.name == name; });
      if (known != turns_.end()) {
        order_.push_back(static_cast<std::size_t>(known - turns_.begin()));
        continue;
      }
      order_.push_back(turns_.size());
      turns_.push_back({name, make_strategy(name), 0, share_of(name)});
    }
  }

  Exploration run() {
    runtime.tolerated.clear();
    runtime.unreported.clear();
    runtime.libraries_with_uncertain_races.clear();
    runtime.notes.clear();
    for (const Library& library : runtime.uninstrumented) {
      runtime.notes.add("not seen: what happens inside " + library.file + ", which is not instrumented");
    }
    if (runtime.reads_time_stamps == true) runtime.notes.add(kUntrappedTimeStamps);
    std::optional<CodeSamples> samples;
    if (!runtime.uninstrumented.empty()) samples.emplace(runtime.uninstrumented);
    runtime.most_threads = 0;
    runtime.has_lost_threads = false;
    look_for_uncontrolled_threads();
    bool left = !done_;
    while (left && !done_) {
      left = false;
      for (const std::size_t which : order_) {
        Turn& turn = turns_[which];
        if (turn.strategy == nullptr || done_) continue;
        left = true;
        take(turn);
      }
    }
    if (samples) keep(*samples);
    runtime.tolerated.clear();
    result_.nondeterminism = describe(result_.unconfirmed);
    result_.seconds = since(begin_);
    result_.races_not_reported = runtime.unreported.size();
    result_.libraries_with_uncertain_races = runtime.libraries_with_uncertain_races;
    result_.threads = runtime.most_threads;
    result_.notes = runtime.notes.all();
    if (!result_.notes.empty() || !result_.unconfirmed.empty() || !result_.unusable.empty()) {
      result_.complete = false;
      for (Share& share : result_.shares) share.exhausted.clear();
    }
    return std::move(result_);
  }

 private:
  struct Turn {
    std::string name;
    std::unique_ptr<Strategy> strategy;  ///< null: nothing is left to search
    unsigned preemptions;                ///< the bound of the rotation's search by preemptions
    std::size_t share;
  };

  void keep(const CodeSamples& samples) {
    result_.samples = samples.all();
    for (std::size_t i = 0; i < runtime.uninstrumented.size(); ++i) {
      result_.unseen_libraries.push_back({runtime.uninstrumented[i].file, samples.in_library(i)});
    }
  }

  std::size_t share_of(const std::string& name) {
    result_.shares.emplace_back().strategy = name;
    return result_.shares.size() - 1;
  }

  /// Ends the exploration when a thread runs that the explorer does not schedule: such a thread may act at any time, so
  /// no execution is conclusive.
  void look_for_uncontrolled_threads() {
    const unsigned count = uncontrolled_threads(runtime.thread_limit);
    if (count == 0) return;
    done_ = true;
    const std::string files = files_of_uncontrolled();
    const std::string text =
        std::to_string(count) + (count == 1 ? " thread runs" : " threads run") +
        " that the explorer does not control: started before main, or by a library without pthread_create" +
        (files.empty() ? "" : " (code of " + files + ")") + ". Start threads in the test, by pthread, C11 or C++";
    if (result_.findings.empty()) {
      result_.unusable = text;
    } else {
      add_note("not controlled: " + text);
    }
  }

  /// Runs one turn of a strategy. The clock is a system call, so it is usually read once per turn.
  void take(Turn& turn) {
    const double began = now_;
    std::size_t share = turn.share;
    for (std::uint64_t i = 0; i < kTurn && !done_; ++i) {
      const bool more = execute(turn);
      if (done_) break;
      if (!more) {
        share = end_of_search(turn);
        if (turn.strategy == nullptr || share != turn.share) break;
      }
      if (result_.executions >= plan_.executions || (slow_ && since(begin_) >= plan_.seconds)) done_ = true;
    }
    if (result_.unusable.empty() && result_.nondeterminism.empty()) look_for_uncontrolled_threads();
    now_ = since(begin_);
    slow_ = now_ - began > kLongTurn;
    result_.shares[turn.share].seconds += now_ - began;
    turn.share = share;
    if (now_ >= plan_.seconds) done_ = true;
  }

  /// Runs one execution. Returns false when the strategy has nothing left within its bounds.
  bool execute(Turn& turn) {
    const std::uint64_t seed = seed_ + result_.executions;
    const ExecutionPlan plan{.strategy = turn.strategy.get(),
                             .seed = seed,
                             .longest = typical_steps(),
                             .most_steps = plan_.most_steps,
                             .memory = plan_.memory,
                             .races = plan_.races,
                             .may_exit = subject_.may_exit,
                             .entropy = turn.strategy->searches() ? 0 : static_cast<std::uint32_t>(seed)};
    const std::optional<Failure> failure = run_once(subject_, plan);
    const UntriedSet untried = runtime.scheduler.untried();
    ++result_.executions;
    Share& share = result_.shares[turn.share];
    ++share.executions;
    const std::uint32_t steps = runtime.scheduler.steps();
    share.steps += steps;
    steps_ += (steps - steps_) / static_cast<double>(std::min<std::uint64_t>(result_.executions, 256));
    const bool whole = !runtime.failure && !runtime.redundant;
    if (failure) examine(turn, *failure);
    return turn.strategy->end(whole, untried);
  }

  [[nodiscard]] std::uint32_t typical_steps() const { return static_cast<std::uint32_t>(steps_ * 1.25) + 1; }

  /// Records the coverage of a finished depth-first search and starts the next, wider one, if there is one. Returns the
  /// share of the next one.
  std::size_t end_of_search(Turn& turn) {
    Share& share = result_.shares[turn.share];
    const Coverage coverage = turn.strategy->coverage();
    share.searched = coverage.searched;
    share.not_tried = coverage.not_tried;
    const bool complete = coverage.complete;
    if (complete) share.exhausted = coverage.searched;
    // The search without a bound of preemptions covers more than one with such a bound, whatever the other bounds are.
    if (complete || turn.name == "dfs" || result_.shares[share_of_the_widest_].strategy != "dfs") {
      share_of_the_widest_ = turn.share;
      result_.searched = coverage.searched;
      result_.not_tried = coverage.not_tried;
      result_.complete |= complete;
    }
    if (complete) {
      // When something is not controlled, the other strategies may still find a failure.
      if (runtime.notes.all().empty()) done_ = true;
      turn.strategy = nullptr;
      return turn.share;
    }
    if (plan_.strategies.empty() && turn.name == kByPreemptions) {
      if (turn.preemptions == kMostPreemptions) {
        turn.strategy = nullptr;
        const auto index_of = [&](const std::string& name) {
          const auto named = [&](const Turn& each) { return each.name == name; };
          return static_cast<std::size_t>(std::find_if(turns_.begin(), turns_.end(), named) - turns_.begin());
        };
        std::replace(order_.begin(), order_.end(), index_of(kByPreemptions), index_of("dfs"));
        return turn.share;
      }
      turn.strategy = depth_first(++turn.preemptions);
      return share_of("dfs" + std::to_string(turn.preemptions));
    }
    if (!turn.strategy->deepen()) turn.strategy = nullptr;
    return turn.share;
  }

  /// Handles a failure: counts a known one, confirms a new one, and shortens its schedule.
  void examine(const Turn& turn, const Failure& failure) {
    if (failure.kind == kTooLong) {
      add_note("not tried: steps of an execution after the first " + std::to_string(plan_.most_steps));
      ++result_.too_long;
      if (result_.too_long == result_.executions && result_.too_long == kMostTooLong) done_ = true;
      return;
    }
    if (failure.kind == kAbandoned) {
      ++result_.abandoned;
      return;
    }
    if (failure.kind == "unusable") {
      result_.unusable = failure.text + describe_lost(failure);
      done_ = true;  // the thread may have been stopped in a library whose state is then inconsistent
      return;
    }
    ++result_.failed;
    if (count_again(result_.findings, failure) || count_again(result_.suppressed, failure)) return;
    const auto met = std::find_if(result_.unconfirmed.begin(), result_.unconfirmed.end(),
                                  [&](const Unconfirmed& unconfirmed) { return same(unconfirmed.failure, failure); });
    if (met != result_.unconfirmed.end() && met->times >= kMostRepetitions) {
      ++met->times;
      return;
    }
    // A lost thread costs seconds in each execution.
    if (runtime.scheduler.lost() != 0) {
      add_note("not tried: further schedules, because a thread loops or waits without a step");
      done_ = true;
    }
    const double seconds = since(begin_);
    std::optional<Finding> finding = confirm(failure);
    if (!finding) return;
    std::erase_if(result_.unconfirmed,
                  [&](const Unconfirmed& unconfirmed) { return same(unconfirmed.failure, failure); });
    finding->strategy = result_.shares[turn.share].strategy;
    finding->execution = result_.executions;
    finding->seconds = seconds;
    if (failure.kind == "race") runtime.tolerated.push_back(failure.signature);
    keep(*std::move(finding));
  }

  /// Returns the finding, with a short schedule that was executed twice. Records the failure as unconfirmed and returns
  /// nothing when it does not repeat.
  std::optional<Finding> confirm(const Failure& failure) {
    const std::uint64_t fingerprint = runtime.fingerprint;
    const std::uint32_t steps = runtime.scheduler.steps();
    const bool is_slow = runtime.scheduler.lost() != 0;
    const Finding again = replay_schedule(subject_, Schedule(runtime.scheduler.taken()), plan_.most_steps, false);
    if (!same(again.failure, failure) || again.fingerprint != fingerprint || again.steps != steps) {
      record_unconfirmed(failure, steps, again);
      return std::nullopt;
    }
    const Schedule shortest = is_slow ? again.schedule : shrunk(again).schedule;
    Finding finding = replay_schedule(subject_, shortest, plan_.most_steps, true);
    if (!same(finding.failure, failure)) finding = replay_schedule(subject_, again.schedule, plan_.most_steps, true);
    if (same(finding.failure, failure)) return finding;
    record_unconfirmed(failure, steps, finding);
    return std::nullopt;
  }

  void record_unconfirmed(const Failure& failure, std::uint32_t steps, const Finding& again) {
    for (Unconfirmed& unconfirmed : result_.unconfirmed) {
      if (!same(unconfirmed.failure, failure)) continue;
      ++unconfirmed.times;
      return;
    }
    if (result_.unconfirmed.size() == kMostUnconfirmed) return;
    result_.unconfirmed.push_back(
        {failure, 1,
         failure.kind + " after " + std::to_string(steps) +
             " steps; the same schedule again: " + (again.failure.kind.empty() ? "nothing" : again.failure.kind) +
             " after " + std::to_string(again.steps) + " steps"});
  }

  /// Counts the failure when one of the findings has it. Returns whether one has.
  bool count_again(std::vector<Finding>& findings, const Failure& failure) {
    const auto known = std::find_if(findings.begin(), findings.end(),
                                    [&](const Finding& finding) { return same(finding.failure, failure); });
    if (known == findings.end()) return false;
    ++known->times;
    for (Suppression& each : result_.suppressions) {
      if (&findings == &result_.suppressed && each.matches(known->failure.kind, known->places)) {
        ++each.times;
        break;
      }
    }
    return true;
  }

  /// Adds a finding, unless it is suppressed or is a known race with its accesses in the other order.
  void keep(Finding finding) {
    if (!result_.suppressions.empty()) find_places(finding);
    for (Suppression& each : result_.suppressions) {
      if (!each.matches(finding.failure.kind, finding.places)) continue;
      ++each.times;
      result_.suppressed.push_back(std::move(finding));
      return;
    }
    for (Finding& other : result_.findings) {
      if (finding.failure.kind != "race" || other.failure.kind != "race" || !races_alike(finding, other)) continue;
      ++other.times;
      return;
    }
    done_ |= plan_.enough(finding.failure) || result_.findings.size() + 1 == kMostFindings;
    result_.findings.push_back(std::move(finding));
  }

  static void find_places(Finding& finding) {
    const ReadableTimeStamps readable;  // addr2line needs them
    if (finding.places.empty()) finding.places = places_of(finding);
  }
  /// Whether the races have the same two places, in either order.
  static bool races_alike(Finding& one, Finding& other) {
    const auto places = [](Finding& finding) {
      find_places(finding);
      std::vector<std::string> innermost;
      for (const auto& stack : finding.places) {
        if (!stack.empty()) innermost.push_back(stack.front().location);
      }
      std::sort(innermost.begin(), innermost.end());
      return innermost;
    };
    const std::vector<std::string> its = places(one);
    return its.size() == 2 && its == places(other);
  }

  /// Removes departures as long as the same failure remains: halves, quarters, ..., single ones (delta debugging;
  /// Zeller and Hildebrandt, 2002).
  Finding shrunk(Finding finding) {
    std::uint64_t spent = 0;
    for (std::size_t chunk = std::max<std::size_t>(1, finding.schedule.departures.size() / 2); chunk > 0;) {
      bool shorter = false;
      for (std::size_t at = 0; at < finding.schedule.departures.size() && spent < kMostShrinking; ++spent) {
        Schedule fewer = finding.schedule;
        const auto from = fewer.departures.begin() + static_cast<std::ptrdiff_t>(at);
        const std::size_t count = std::min(chunk, fewer.departures.size() - at);
        fewer.departures.erase(from, from + static_cast<std::ptrdiff_t>(count));
        Finding candidate = replay_schedule(subject_, fewer, plan_.most_steps, false);
        if (same(candidate.failure, finding.failure) &&
            candidate.schedule.departures.size() < finding.schedule.departures.size()) {
          finding = std::move(candidate);
          shorter = true;
        } else {
          at += chunk;
        }
      }
      if (spent >= kMostShrinking) break;
      if (chunk > 1) {
        chunk /= 2;
      } else if (!shorter) {
        break;
      }
    }
    return finding;
  }

  const Subject& subject_;
  const Plan& plan_;
  std::uint64_t seed_;  ///< of the first execution; mixed, so that plans with consecutive seeds share no execution
  SteadyClock::time_point begin_;
  std::vector<Turn> turns_;
  std::vector<std::size_t> order_;
  Exploration result_;
  std::size_t share_of_the_widest_ = 0;  ///< the search that `result_` describes
  double steps_ = 50;                    ///< moving mean
  double now_ = 0;                       ///< s since the beginning, at the end of the latest turn
  bool slow_ = true;                     ///< the latest turn took long, or there was none yet
  bool done_ = false;
};

}  // namespace

Finding replay_schedule(const Subject& subject, const Schedule& schedule, std::uint32_t most_steps, bool record,
                        const WorldOptions& world) {
  const Session session(subject.module, world);
  runtime.fill = schedule.fill;
  const std::unique_ptr<Strategy> strategy = replay(schedule);
  const ExecutionPlan plan{.strategy = strategy.get(),
                           .most_steps = most_steps,
                           .memory = schedule.memory,
                           .races = schedule.plain_steps ? Races::steps : Races::report,
                           .races_to_pass = schedule.races_passed,
                           .record = record,
                           .may_exit = subject.may_exit,
                           .entropy = schedule.entropy};
  std::optional<Failure> failure = run_once(subject, plan);
  Finding finding;
  if (failure) finding.failure = std::move(*failure);
  finding.schedule = runtime.scheduler.taken();
  finding.steps = runtime.scheduler.steps();
  finding.fingerprint = runtime.fingerprint;
  if (record) {
    finding.events = std::move(runtime.events);
    finding.printed = std::move(runtime.printed).value_or("");
  }
  runtime.recording = false;
  return finding;
}

std::string describe_share(const std::string& file, std::uint64_t samples, std::uint64_t all) {
  if (all == 0) return file + ": no sample of processor time was taken";
  const std::uint64_t percent = (200 * samples + all) / (2 * all);  // rounded
  return file + ": " + std::to_string(samples) + " of " + std::to_string(all) + (all == 1 ? " sample" : " samples") +
         " of processor time outside the explorer (" + std::to_string(percent) + " %)";
}

std::string inconclusive(const Exploration& exploration, const Plan& plan) {
  if (exploration.abandoned == exploration.executions) {
    return "assume() abandoned all " + std::to_string(exploration.executions) + " executions";
  }
  if (!exploration.libraries_with_uncertain_races.empty()) {
    std::string text;
    for (const std::string& library : exploration.libraries_with_uncertain_races) {
      text += (text.empty() ? "" : "; ") + ("a thread that " + library + " started may have a data race: " + library) +
              " is not instrumented, so its synchronisation is not seen";
    }
    return text;
  }
  if (exploration.too_long == 0) return "";
  return std::to_string(exploration.too_long) + " of " + std::to_string(exploration.executions) +
         " executions have more than " + std::to_string(plan.most_steps) +
         " steps: their ends are not known; --steps N allows more";
}

Exploration explore(const Subject& subject, const Plan& plan) {
  const Session session(subject.module, plan.world);
  return Explorer(subject, plan).run();
}

}  // namespace racetrack::explore
