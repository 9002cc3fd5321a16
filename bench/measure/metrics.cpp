#include "measure/metrics.hpp"

#include <algorithm>
#include <array>
#include <cmath>
#include <utility>

namespace racetrack::measure {

double jain_index(const std::vector<std::uint64_t>& shares) {
  double sum = 0, squares = 0;
  for (const std::uint64_t share : shares) {
    const auto x = static_cast<double>(share);
    sum += x;
    squares += x * x;
  }
  return squares == 0 ? 1.0 : sum * sum / (static_cast<double>(shares.size()) * squares);
}

double median(std::vector<double> values) {
  if (values.empty()) return std::nan("");
  std::sort(values.begin(), values.end());
  const std::size_t half = values.size() / 2;
  return values.size() % 2 == 1 ? values[half] : (values[half - 1] + values[half]) / 2;
}

void Metrics::add(const load::RoundOutcome& outcome) {
  work_ += outcome.work;
  seconds_ += outcome.seconds;
  usage_.cpu_ns += outcome.usage.cpu_ns;
  usage_.voluntary_switches += outcome.usage.voluntary_switches;
  usage_.involuntary_switches += outcome.usage.involuntary_switches;
  if (outcome.waited) {
    ++watched_;
    if (*outcome.waited > kMostWait) ++disturbed_;
  }
  counts_.resize(outcome.counts.size());
  for (std::size_t i = 0; i < counts_.size(); ++i) counts_[i] += outcome.counts[i];
  rates_.push_back(static_cast<double>(outcome.work) / outcome.seconds);
  overlaps_.push_back(outcome.overlap);
  spreads_.push_back(outcome.finish_spread_ns);
  if (outcome.work_by_thread.size() > 1) fairness_.push_back(jain_index(outcome.work_by_thread));
  for (const auto& [name, value] : outcome.measurements) measurements_[name].push_back(value);
}

nlohmann::json Metrics::numbers() const {
  nlohmann::json numbers = nlohmann::json::object();
  if (work_ == 0 || seconds_ <= 0) return numbers;
  const auto work = static_cast<double>(work_);
  const auto rounds = static_cast<double>(rates_.size());
  const std::string& unit = scenario_->unit;
  numbers[unit + "s_per_s"] = work / seconds_;
  numbers["ns_per_" + unit] = seconds_ * 1e9 / work;
  numbers["cpu_ns_per_" + unit] = usage_.cpu_ns / work;
  numbers["voluntary_switches_per_s"] = static_cast<double>(usage_.voluntary_switches) / seconds_;
  numbers["involuntary_switches_per_s"] = static_cast<double>(usage_.involuntary_switches) / seconds_;
  numbers["overlap_ratio"] = median(overlaps_);
  if (watched_ != 0)
    numbers["disturbed_rounds_ratio"] = static_cast<double>(disturbed_) / static_cast<double>(watched_);
  if (!fairness_.empty()) {
    numbers["fairness_jain_ratio"] = median(fairness_);
    numbers["finish_spread_ns"] = median(spreads_);
  }
  for (std::size_t i = 0; i < counts_.size(); ++i) {
    numbers[scenario_->counters[i] + "_per_" + unit + "_ratio"] = static_cast<double>(counts_[i]) / work;
  }
  for (const auto& [name, values] : measurements_) numbers[name] = median(values);
  numbers["rounds_count"] = rounds;
  numbers[unit + "s_per_round_count"] = work / rounds;
  numbers["round_s"] = seconds_ / rounds;
  return numbers;
}

nlohmann::json Metrics::values() const {
  nlohmann::json values = nlohmann::json::object();
  if (!rates_.empty()) values[scenario_->unit + "s_per_s"] = rates_;
  return values;
}

void add_latency(const std::string& name, const Histogram& histogram, const Clock& clock, double floor_ns,
                 nlohmann::json& numbers, nlohmann::json& histograms) {
  if (histogram.count() == 0) return;
  constexpr std::array<std::pair<const char*, double>, 4> kPercentiles{
      {{"_p50_ns", 0.5}, {"_p90_ns", 0.9}, {"_p99_ns", 0.99}, {"_p999_ns", 0.999}}};
  const auto count = static_cast<double>(histogram.count());
  for (const auto& [suffix, share] : kPercentiles) {
    const double value = clock.ns(histogram.percentile(share));
    // The tolerance admits 9.9999999, because a share like 0.999 is not exact in binary.
    if (count * (1.0 - share) + 1e-6 >= 10.0 && value >= floor_ns) numbers[name + suffix] = value;
  }
  if (clock.ns(histogram.max()) >= floor_ns) numbers[name + "_max_ns"] = clock.ns(histogram.max());
  nlohmann::json buckets = nlohmann::json::array();
  histogram.for_each([&](std::uint64_t highest, std::uint64_t n) {
    buckets.push_back({std::round(clock.ns(highest) * 10.0) / 10.0, n});
  });
  histograms[name + "_ns"] = {{"unit", "ns"}, {"count", histogram.count()}, {"buckets", std::move(buckets)}};
}

}  // namespace racetrack::measure
