#include "host/summary.hpp"

#include <algorithm>
#include <cmath>
#include <iterator>
#include <map>
#include <tuple>

#include <fmt/format.h>

#include "measure/metrics.hpp"

namespace racetrack::host {
namespace {

struct Row {
  std::string group;  ///< the case without its subject and what follows from it
  std::string subject;
  std::string unit;
  std::vector<double> rates;
  std::string trouble;
};

/// The first metric that counts work per second.
std::string rate_of(const nlohmann::json& metrics) {
  for (const char* name : {"items_per_s", "trips_per_s", "lines_per_s"}) {
    if (metrics.contains(name)) return name;
  }
  for (const auto& [name, value] : metrics.items()) {
    if (name.ends_with("s_per_s") && !name.ends_with("switches_per_s")) return name;
  }
  return {};
}

std::string group_of(const nlohmann::json& record) {
  std::string group = record["family"].get<std::string>() + "/" + record["workload"].get<std::string>();
  for (const char* name : {"producers", "consumers", "payload", "rate_per_s", "workers", "submitters", "grain_ns"}) {
    const auto& params = record["params"];
    if (!params.contains(name)) continue;
    group +=
        fmt::format(" {}:{}", name, params[name].is_string() ? params[name].get<std::string>() : params[name].dump());
  }
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

std::string summary_table(const std::vector<nlohmann::json>& records) {
  std::map<std::pair<std::string, std::string>, Row> rows;
  for (const nlohmann::json& record : records) {
    const std::string group = group_of(record);
    const auto& params = record["params"];
    std::string subject = record["subject"];
    for (const char* name : {"capacity", "wait", "results", "mode"}) {
      if (params.contains(name)) {
        subject += fmt::format(" {}", params[name].is_string() ? params[name].get<std::string>() : params[name].dump());
      }
    }
    Row& row = rows[{group, subject}];
    row.group = group;
    row.subject = subject;
    const auto& metrics = record["metrics"];
    if (const std::string name = rate_of(metrics); !name.empty()) {
      row.unit = name.substr(0, name.size() - 6);
      row.rates.push_back(metrics[name].get<double>());
    }
    if (std::string trouble = trouble_of(record); !trouble.empty()) row.trouble = std::move(trouble);
  }
  std::vector<Row> sorted;
  for (auto& [key, row] : rows) sorted.push_back(std::move(row));
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
