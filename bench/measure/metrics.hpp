// Computes the numbers of a record from rounds.
#pragma once

#include <cstdint>
#include <map>
#include <string>
#include <vector>

#include <nlohmann/json.hpp>

#include <racetrack/scenario.hpp>

#include "load/round_runner.hpp"

namespace racetrack::measure {

/// A round is disturbed when a thread waited for a processor during a larger part of it.
inline constexpr double kMostWait = 0.02;

/// Sums over the timed rounds of a fork. Metric names contain the scenario's unit of work: items_per_s, ns_per_trip.
class Metrics {
 public:
  explicit Metrics(const Scenario& scenario) : scenario_(&scenario) {}

  /// Adds a round.
  void add(const load::RoundOutcome& outcome);

  /// Returns the metrics by name. Rates are totals over total time. Overlap, fairness and the rounds' own measurements
  /// are medians over rounds.
  [[nodiscard]] nlohmann::json numbers() const;
  /// Returns the rate of every round.
  [[nodiscard]] nlohmann::json values() const;

  [[nodiscard]] std::uint64_t work() const noexcept { return work_; }
  [[nodiscard]] double seconds() const noexcept { return seconds_; }
  /// Returns the processor time of all threads.
  [[nodiscard]] double cpu_ns() const noexcept { return usage_.cpu_ns; }

 private:
  const Scenario* scenario_;
  std::uint64_t work_ = 0;
  double seconds_ = 0;
  load::Usage usage_;
  std::uint64_t watched_ = 0, disturbed_ = 0;  ///< rounds whose waits are known, and those with long ones
  std::vector<std::uint64_t> counts_;
  std::vector<double> rates_, overlaps_, fairness_, spreads_;
  std::map<std::string, std::vector<double>> measurements_;
};

/// Jain's fairness index (Jain, Chiu, Hawe 1984): 1 when all shares are equal, 1/n when one of n has everything.
double jain_index(const std::vector<std::uint64_t>& shares);

double median(std::vector<double> values);

/// Adds name_p50_ns to name_max_ns to `numbers`, and the histogram in ns to `histograms`. Omits percentiles with fewer
/// than ten values beyond them, and percentiles below `floor_ns`.
void add_latency(const std::string& name, const Histogram& histogram, const Clock& clock, double floor_ns,
                 nlohmann::json& numbers, nlohmann::json& histograms);

}  // namespace racetrack::measure
