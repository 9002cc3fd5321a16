// What every engine's driver does: find the cases, open the run, say in which environment, keep records.
#pragma once

#include <chrono>
#include <cstdint>
#include <filesystem>
#include <functional>
#include <optional>
#include <string>
#include <utility>
#include <vector>

#include <nlohmann/json.hpp>

#include "host/cases.hpp"
#include "host/child_process.hpp"
#include "host/deadlock_report.hpp"
#include "host/environment.hpp"
#include "host/exit.hpp"
#include "host/progress.hpp"
#include "host/record.hpp"
#include "host/run_folder.hpp"

namespace racetrack::host {

struct CampaignOptions {
  Selection selection;
  std::vector<std::filesystem::path> plugins;  ///< --plugin
  bool with_builtin = false;                   ///< the subjects that come with racetrack as well
  std::optional<std::filesystem::path> out;
  bool resume = false;  ///< go on with the run in `out`
  std::optional<std::uint64_t> seed;
  double limit_s = 60.0;  ///< for one child
  bool quiet = false;
  std::string command;  ///< what repeats this call, for the record
};

/// The shell command that repeats what a token of this case says. Plugins that come with racetrack need not be named.
std::string replay_command(const CampaignOptions& options, const Case& which, const std::string& token);

/// What the records call the engine, and the command that runs it: a stress engine under ThreadSanitizer is called tsan.
struct EngineName {
  std::string in_records, command;
};

/// The plugins that the options name. Throws Failure when there are none.
std::vector<Plugin> load_plugins(const std::vector<std::filesystem::path>& named, bool with_builtin);

/// One invocation of an engine on a run.
class Campaign {
 public:
  /// Finds the cases; nothing is written yet. Keeps a reference to `options`.
  Campaign(const CampaignOptions& options, EngineName engine);

  [[nodiscard]] const std::vector<Case>& cases() const noexcept { return list_.cases; }
  [[nodiscard]] const load::Topology& topology() const noexcept { return topology_; }

  /// Calibrates the clock, opens the run's folder and writes the environment record. `forks` and `min_time_s` are of the plan.
  void begin(unsigned forks, double min_time_s);
  /// Writes the second environment record, and environment.json.
  void end(bool interrupted);

  [[nodiscard]] const RunFolder& folder() const { return *folder_; }
  [[nodiscard]] const Clock& clock() const noexcept { return clock_; }
  [[nodiscard]] Ticks skew() const noexcept { return skew_; }
  [[nodiscard]] std::uint64_t seed() const noexcept { return seed_; }
  /// A seed for turn `order_index`, in the range of numbers that every JSON reader keeps. Turn 0 has the campaign's own, so that
  /// a case run alone with the seed of its record is the same case again.
  [[nodiscard]] std::uint64_t seed_of(std::size_t order_index) const noexcept;

  /// Turns of every case, one round of all cases for each fork, in the order of the cases.
  [[nodiscard]] std::vector<Turn> turns(unsigned forks) const;
  /// Calls take(turn, progress) for those of `turns` that are not done, in their order, each with its own seed and time, until take
  /// returns false or the user interrupts. False then.
  bool take_turns(std::vector<Turn> turns, const std::function<bool(const Turn&, Progress&)>& take);
  /// How many turns are to come, where they are not known before: for the record and the closing line.
  void plan_turns(std::size_t planned) noexcept { planned_ = planned; }
  /// Runs `job` in a child, with `variables` set. Built for ThreadSanitizer, the child's reports go to the run's folder.
  [[nodiscard]] ChildOutcome run(const Turn& turn, const std::string& job, Variables variables = {}) const;
  /// Appends the record of a turn, and gives it back; nothing: interrupted (the record says so). `replay`: the command that
  /// repeats a failure.
  std::optional<nlohmann::json> keep(const Turn& turn, const ChildOutcome& outcome, const nlohmann::json& answer,
                                     const std::string& replay);
  /// The record of what the deadlock detector saw in a turn.
  [[nodiscard]] nlohmann::json finding(const Turn& turn, const DeadlockFinding& seen) const;
  void append(const nlohmann::json& record) { folder_->append(record); }

  /// Records of this invocation, and those that a resumed run had already.
  [[nodiscard]] const std::vector<nlohmann::json>& records() const noexcept { return records_; }
  /// Resumed: (case, fork) whose record says that it ended well.
  [[nodiscard]] bool is_done(const std::string& name, unsigned fork) const;

  /// The closing line on standard error, and the exit code.
  [[nodiscard]] Exit conclude(bool interrupted) const;

 private:
  [[nodiscard]] std::filesystem::path default_folder() const;
  void read_what_is_done();
  void append_environment(const char* phase, const nlohmann::json& machine, const char* key, nlohmann::json value);

  const CampaignOptions& options_;
  std::string command_;
  RecordHead head_;
  std::vector<Plugin> plugins_;
  CaseList list_;
  load::Topology topology_;
  Clock clock_{};
  Ticks skew_ = 0;
  Steal steal_before_{};
  std::uint64_t seed_ = 0;
  std::optional<RunFolder> folder_;
  std::chrono::steady_clock::time_point began_;
  std::vector<std::pair<std::string, unsigned>> finished_;
  std::vector<nlohmann::json> records_;
  std::size_t planned_ = 0, done_ = 0;
};

}  // namespace racetrack::host
