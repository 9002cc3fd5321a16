#include "host/list.hpp"

#include <algorithm>
#include <map>
#include <regex>
#include <variant>

#include <fmt/format.h>
#include <nlohmann/json.hpp>

namespace racetrack::host {
namespace {

nlohmann::json traits_of(const Scenario& scenario) {
  nlohmann::json traits = nlohmann::json::object();
  for (const auto& [name, value] : scenario.traits) {
    std::visit([&, key = name](const auto& v) { traits[key] = v; }, value);
  }
  return traits;
}

nlohmann::json to_json(const Plugin& plugin, const Scenario& scenario) {
  nlohmann::json params = nlohmann::json::object();
  for (const Axis& axis : scenario.axes) {
    params[axis.name] = {{"defaults", axis.defaults}, {"full", axis.full}, {"words", axis.words}};
    if (axis.largest != 0) params[axis.name]["range"] = {axis.smallest, axis.largest};
  }
  return {{"scenario", scenario.name()},
          {"family", scenario.family},
          {"workload", scenario.workload},
          {"subject", scenario.subject},
          {"control", scenario.standing == Standing::control},
          {"plugin", plugin.file.filename().string()},
          {"traits", traits_of(scenario)},
          {"params", std::move(params)}};
}

std::string text_of(const nlohmann::json& value) { return value.is_string() ? value.get<std::string>() : value.dump(); }

}  // namespace

Exit list_scenarios(const std::vector<Plugin>& plugins, const std::string& filter, bool json) {
  std::regex pattern;
  try {
    pattern.assign(filter);
  } catch (const std::regex_error& error) {
    throw usage_error("filter '" + filter + "' is not a regular expression: " + error.what());
  }
  nlohmann::json all = nlohmann::json::array();
  for (const Plugin& plugin : plugins) {
    for (const Scenario& scenario : plugin.scenarios) {
      if (std::regex_search(scenario.name(), pattern)) all.push_back(to_json(plugin, scenario));
    }
  }
  if (all.empty()) throw Failure(Exit::nothing, "no scenario matches '" + filter + "'");
  if (json) {
    fmt::print("{}\n", all.dump(2));
    return Exit::as_expected;
  }
  struct Row {
    std::string workloads;
    nlohmann::json traits;
  };
  std::map<std::pair<std::string, std::string>, Row> subjects;
  for (const auto& scenario : all) {
    Row& row = subjects[{scenario["family"].get<std::string>(), scenario["subject"].get<std::string>()}];
    row.workloads += (row.workloads.empty() ? "" : " ") + scenario["workload"].get<std::string>();
    row.traits = scenario["traits"];
  }
  for (const auto& [key, row] : subjects) {
    std::string traits;
    for (const char* name : {"library", "bound", "order", "producers", "consumers", "progress", "item"}) {
      if (!row.traits.contains(name)) continue;
      const bool side = std::string_view(name) == "producers" || std::string_view(name) == "consumers";
      traits += fmt::format("{}{}{}", traits.empty() ? "" : ", ", text_of(row.traits[name]),
                            side ? fmt::format(" {}", std::string_view(name).substr(0, 8)) : "");
    }
    fmt::print("{}/{}\n    {}\n    {}\n", key.first, key.second, traits, row.workloads);
  }
  fmt::print("{} subjects, {} scenarios\n", subjects.size(), all.size());
  return Exit::as_expected;
}

}  // namespace racetrack::host
