#include "host/summary.hpp"

#include <algorithm>
#include <array>
#include <cmath>
#include <iterator>
#include <string_view>

#include <fmt/format.h>

#include "measure/metrics.hpp"

namespace racetrack::host {
namespace {

/// Returns the name of the first metric of work per second.
std::string rate_of(const nlohmann::json& metrics) {
  for (const char* name : {"items_per_s", "trips_per_s", "lines_per_s"}) {
    if (metrics.contains(name)) return name;
  }
  for (const auto& [name, value] : metrics.items()) {
    if (name.ends_with("s_per_s") && !name.ends_with("switches_per_s")) return name;
  }
  return {};
}

/// Parameters that the summary prints next to the subject.
constexpr std::array<std::string_view, 4> kSubjectParameters{"capacity", "wait", "results", "mode"};

std::string word_of(const nlohmann::json& param) { return param.is_string() ? param.get<std::string>() : param.dump(); }

/// Returns the group of cases that are compared with each other: family, workload and all parameters except those
/// printed next to the subject and the pinning, which is the same in a whole run.
std::string group_of(const nlohmann::json& record) {
  std::string group = record["family"].get<std::string>() + "/" + record["workload"].get<std::string>();
  const auto& params = record["params"];
  std::vector<std::string> names;
  for (const char* first : {"producers", "consumers"}) {
    if (params.contains(first)) names.emplace_back(first);
  }
  for (const auto& [name, value] : params.items()) {
    const bool elsewhere = name == "pin" || std::find(kSubjectParameters.begin(), kSubjectParameters.end(), name) !=
                                                kSubjectParameters.end();
    if (!elsewhere && std::find(names.begin(), names.end(), name) == names.end()) names.push_back(name);
  }
  for (const std::string& name : names) group += fmt::format(" {}:{}", name, word_of(params[name]));
  return group;
}

std::string trouble_of(const nlohmann::json& record) {
  const std::string how = record["ended"]["how"];
  const auto& verdict = record["verdict"];
  if (verdict["result"] == "fail") {
    return fmt::format("{}{}", verdict["kind"].is_string() ? verdict["kind"].get<std::string>() : "fail",
                       verdict["as_expected"] == true ? " (expected)" : "");
  }
  if (how != "ok") return fmt::format("ended by {} {}", how, record["ended"]["value"].get<int>());
  return {};
}

}  // namespace

std::string with_prefix(double value) {
  if (value <= 0) return "0";
  constexpr const char* kPrefixes[] = {"", " k", " M", " G", " T"};
  std::size_t prefix = 0;
  while (value >= 999.5 && prefix + 1 < std::size(kPrefixes)) {
    value /= 1000;
    ++prefix;
  }
  const int decimals = value >= 99.95 ? 0 : value >= 9.995 ? 1 : 2;
  return fmt::format("{:.{}f}{}", value, decimals, kPrefixes[prefix]);
}

void Summary::add(const nlohmann::json& case_record) {
  const std::string group = group_of(case_record);
  const auto& params = case_record["params"];
  std::string subject = case_record["subject"];
  for (const std::string_view each : kSubjectParameters) {
    const std::string name(each);
    if (params.contains(name)) subject += " " + word_of(params[name]);
  }
  Row& row = rows_[{group, subject}];
  row.group = group;
  row.subject = subject;
  const auto& metrics = case_record["metrics"];
  if (const std::string name = rate_of(metrics); !name.empty()) {
    row.unit = name.substr(0, name.size() - 6);
    row.rates.push_back(metrics[name].get<double>());
  }
  if (std::string trouble = trouble_of(case_record); !trouble.empty()) row.trouble = std::move(trouble);
}

std::string Summary::table() const {
  std::vector<Row> sorted;
  for (const auto& [key, row] : rows_) sorted.push_back(row);
  std::stable_sort(sorted.begin(), sorted.end(), [](const Row& a, const Row& b) {
    if (a.group != b.group) return a.group < b.group;
    const double rate_a = a.rates.empty() || !a.trouble.empty() ? -1 : measure::median(a.rates);
    const double rate_b = b.rates.empty() || !b.trouble.empty() ? -1 : measure::median(b.rates);
    return rate_a > rate_b;
  });
  std::string text;
  std::string group;
  for (const Row& row : sorted) {
    if (row.group != group) {
      group = row.group;
      text += fmt::format("\n{}\n", group);
    }
    std::string numbers;
    if (!row.rates.empty()) {
      const auto [least, most] = std::minmax_element(row.rates.begin(), row.rates.end());
      numbers =
          fmt::format("{:>9} {}/s   [{} .. {}] over {} fork{}", with_prefix(measure::median(row.rates)), row.unit,
                      with_prefix(*least), with_prefix(*most), row.rates.size(), row.rates.size() == 1 ? "" : "s");
    }
    text += fmt::format("  {:<42} {}{}{}\n", row.subject, numbers, numbers.empty() || row.trouble.empty() ? "" : "   ",
                        row.trouble);
  }
  return text;
}

}  // namespace racetrack::host
