// The part that all engine drivers share: finds the cases, opens the run folder, records the environment and appends
// records.
#pragma once

#include <chrono>
#include <cstdint>
#include <filesystem>
#include <functional>
#include <map>
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
  bool with_builtin = false;                   ///< load racetrack's own plugins in addition to `plugins`
  std::optional<std::filesystem::path> out;
  bool resume = false;    ///< continue the run in `out`
  bool resumable = true;  ///< the last line printed contains the command that continues the run
  std::optional<std::uint64_t> seed;
  double limit_s = 60.0;  ///< per child process
  bool quiet = false;
  std::vector<std::string> arguments;  ///< of this invocation, without the program, --out and --resume
};

/// Returns an option and its value as arguments. Joins them with '=' when the value begins with a dash.
std::vector<std::string> option_arguments(const std::string& option, const std::string& value);

/// Returns the shell command that replays `token` of this case. It has no --plugin for racetrack's own plugins. `more`:
/// further options.
std::string replay_command(const CampaignOptions& options, const Case& which, const std::string& token,
                           const std::vector<std::string>& more = {});

/// Replaces `racetrack` at the beginning of a command by the path with which this program was started. Commands in
/// records begin with the bare name; this is for printing them.
std::string with_own_path(const std::string& command);

/// Names of an engine: in records, and as a command. They differ under ThreadSanitizer, where records of `stress` have
/// the engine tsan.
struct EngineName {
  std::string in_records, command;
  bool times = true;  ///< the engine measures real time; records then contain the clock's rate
};

/// Loads the plugins named, or racetrack's own when `named` is empty or `with_builtin` is set. Throws Failure(nothing)
/// when there are none, and Failure(usage) when two register the same scenario.
std::vector<Plugin> load_plugins(const std::vector<std::filesystem::path>& named, bool with_builtin);

/// One invocation of an engine, which writes to one run folder.
class Campaign {
 public:
  /// Loads plugins and selects cases; writes nothing yet. Keeps a reference to `options`.
  Campaign(const CampaignOptions& options, EngineName engine);

  [[nodiscard]] const std::vector<Case>& cases() const noexcept { return list_.cases; }
  [[nodiscard]] const load::Topology& topology() const noexcept { return topology_; }

  /// Calibrates the clock if the engine measures time, opens the run folder and writes the first environment record,
  /// whose plan contains `forks` and `min_time_s`.
  void begin(unsigned forks, double min_time_s);
  /// Writes the second environment record and environment.json.
  void end(bool interrupted);

  [[nodiscard]] const RunFolder& folder() const { return *folder_; }
  [[nodiscard]] const Clock& clock() const noexcept { return clock_; }
  [[nodiscard]] Ticks skew() const noexcept { return skew_; }
  [[nodiscard]] std::uint64_t seed() const noexcept { return seed_; }
  /// Returns the seed of turn `order_index`: at most 53 bits, so that every JSON reader keeps it exactly. Turn 0 has
  /// the campaign's seed; a case rerun alone with the seed in its record therefore gets the same seed.
  [[nodiscard]] std::uint64_t seed_of(std::size_t order_index) const noexcept;

  /// A planned turn: the index of its case in cases(), and its fork.
  struct Planned {
    std::uint32_t which = 0, fork = 0;
    bool operator<(const Planned& other) const noexcept {
      return std::pair{which, fork} < std::pair{other.which, other.fork};
    }
  };

  /// Returns a turn for each fork and case: all cases in order for fork 0, then for fork 1, and so on.
  [[nodiscard]] std::vector<Planned> turns(unsigned forks) const;
  /// Calls take(turn, progress) in order for each of `turns` that is not finished, with the turn's seed and start time.
  /// Stops and returns false when take returns false or the user interrupts.
  bool take_turns(const std::vector<Planned>& turns, const std::function<bool(const Turn&, Progress&)>& take);
  /// Sets the number of planned turns, for the second environment record and the last line printed. For drivers that do
  /// not call take_turns().
  void plan_turns(std::size_t planned) noexcept { planned_ = planned; }
  /// Runs `job` in a child process with `variables` in its environment. In a tsan build, ThreadSanitizer's reports are
  /// written to the run folder.
  [[nodiscard]] ChildOutcome run(const Turn& turn, const std::string& job, Variables variables = {}) const;
  /// Appends the record of a turn and returns it. Returns nullopt when the turn was interrupted; its record says so.
  /// `replay`: the command that repeats a failure. `disturbed`: see host/disturbance.hpp.
  std::optional<nlohmann::json> keep(const Turn& turn, const ChildOutcome& outcome, const nlohmann::json& answer,
                                     const std::string& replay, bool disturbed = false);
  /// Returns the record of a finding of the deadlock detector in a turn.
  [[nodiscard]] nlohmann::json finding(const Turn& turn, const DeadlockFinding& seen) const;
  void append(const nlohmann::json& record) { folder_->append(record); }

  /// Returns the shell command that runs this turn alone. `more`: the engine's own options.
  [[nodiscard]] std::string rerun_command(const Turn& turn, const std::vector<std::string>& more) const;

  /// Makes the campaign call observer(record) for each case record of this invocation and, with --resume, for each
  /// finished one of the run. Call it before begin(). Records are kept only in the run folder, not in memory.
  void observe(std::function<void(const nlohmann::json&)> observer) { observer_ = std::move(observer); }

  /// Prints the last line to standard error and returns the exit code.
  [[nodiscard]] Exit conclude(bool interrupted) const;

 private:
  /// Makes a new folder in reports/runs, named by time and commit.
  [[nodiscard]] static std::filesystem::path new_folder();
  /// Returns this invocation's arguments with its seed, after `racetrack` and the engine's command. `first`: options to
  /// put before all others.
  [[nodiscard]] std::vector<std::string> call_with(const std::vector<std::string>& first) const;
  /// Handles a record that the run already had, with --resume.
  void take_earlier(const nlohmann::json& record);
  void count(const nlohmann::json& record);
  void append_environment(const char* phase, const nlohmann::json& machine, const char* key, nlohmann::json value);

  const CampaignOptions& options_;
  std::string command_;
  RecordHead head_;
  std::vector<Plugin> plugins_;
  CaseList list_;
  std::map<std::string, std::uint32_t> places_;  ///< indices in list_.cases, by name
  load::Topology topology_;
  bool times_;
  Clock clock_{};
  Ticks skew_ = 0;
  Steal steal_before_{};
  std::uint64_t seed_ = 0;
  std::optional<RunFolder> folder_;
  std::chrono::steady_clock::time_point began_;
  std::vector<Planned> finished_;  ///< sorted; with --resume: turns whose records have ended.how "ok"
  std::function<void(const nlohmann::json&)> observer_;
  std::size_t planned_ = 0, done_ = 0;
  std::size_t unexpected_ = 0, inconclusive_ = 0, unanswered_ = 0;
};

}  // namespace racetrack::host
