#include "host/list.hpp"

#include <algorithm>
#include <map>
#include <variant>

#include <fmt/format.h>
#include <nlohmann/json.hpp>

#include "host/filter.hpp"
#include "host/safe_text.hpp"

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
    params[axis.name] = {
        {"defaults", axis.defaults}, {"full", axis.full}, {"judged", axis.judge}, {"words", axis.words}};
    if (axis.largest != 0) params[axis.name]["range"] = {axis.smallest, axis.largest};
  }
  return {{"scenario", scenario.name()},
          {"family", scenario.family},
          {"workload", scenario.workload},
          {"subject", scenario.subject},
          {"control", scenario.standing == Standing::control},
          {"explored", scenario.explored_work != 0},
          {"explored_weak", scenario.explored_work != 0 && scenario.unseen_atomics.empty()},
          {"unseen_atomics", scenario.unseen_atomics},
          {"plugin", plugin.file.filename().string()},
          {"traits", traits_of(scenario)},
          {"params", std::move(params)}};
}

std::string text_of(const nlohmann::json& value) { return value.is_string() ? value.get<std::string>() : value.dump(); }

struct Row {
  std::string workloads;
  nlohmann::json traits;
};
using Rows = std::map<std::pair<std::string, std::string>, Row>;  ///< by family and subject

std::string traits_text(const nlohmann::json& traits) {
  std::string text;
  for (const char* name : {"library", "bound", "order", "producers", "consumers", "progress", "item"}) {
    if (!traits.contains(name)) continue;
    const bool side = std::string_view(name) == "producers" || std::string_view(name) == "consumers";
    text += fmt::format("{}{}{}", text.empty() ? "" : ", ", text_of(traits[name]),
                        side ? fmt::format(" {}", std::string_view(name).substr(0, 8)) : "");
  }
  return text;
}

void print_subjects(const nlohmann::json& scenarios) {
  Rows subjects, controls;
  for (const auto& scenario : scenarios) {
    Rows& rows = scenario["control"] == true ? controls : subjects;
    Row& row = rows[{scenario["family"].get<std::string>(), scenario["subject"].get<std::string>()}];
    row.workloads += (row.workloads.empty() ? "" : " ") + scenario["workload"].get<std::string>();
    row.traits = scenario["traits"];
  }
  for (const auto& [key, row] : subjects) {
    print_safely(stdout, "{}/{}\n    {}\n    {}\n", key.first, key.second, traits_text(row.traits), row.workloads);
  }
  if (!controls.empty()) print_safely(stdout, "controls, which show that faults are found, and are not timed:\n");
  for (const auto& [key, row] : controls) {
    print_safely(stdout, "    {}/{}: {}\n", key.first, key.second, row.workloads);
  }
  std::string not_explored;
  std::map<std::string, std::string> not_explored_weak;  // by library
  for (const auto& scenario : scenarios) {
    const auto name = " " + scenario["scenario"].get<std::string>();
    if (scenario["explored"] == false) {
      not_explored += name;
    } else if (scenario["explored_weak"] == false) {
      not_explored_weak[scenario["unseen_atomics"]] += name;
    }
  }
  if (!not_explored.empty())
    print_safely(stdout, "not explored, because the explorer does not control their operations:{}\n", not_explored);
  for (const auto& [library, names] : not_explored_weak) {
    print_safely(stdout, "not explored in weak memory, because the explorer does not see their atomics in {}:{}\n",
                 library, names);
  }
  print_safely(stdout, "{} subjects, {}{} scenarios\n", subjects.size(),
               controls.empty() ? "" : fmt::format("{} controls, ", controls.size()), scenarios.size());
}

}  // namespace

Exit list_scenarios(const std::vector<Plugin>& plugins, const std::string& filter, bool json) {
  const text::Filter pattern = parse_filter(filter);
  nlohmann::json all = nlohmann::json::array();
  for (const Plugin& plugin : plugins) {
    for (const Scenario& scenario : plugin.scenarios) {
      if (pattern.matches(scenario.name())) all.push_back(to_json(plugin, scenario));
    }
  }
  if (all.empty()) throw Failure(Exit::nothing, "no scenario matches '" + filter + "'");
  if (json) {
    print_safely(stdout, "{}\n", all.dump(2, ' ', false, nlohmann::json::error_handler_t::replace));
    return Exit::as_expected;
  }
  print_subjects(all);
  return Exit::as_expected;
}

}  // namespace racetrack::host
