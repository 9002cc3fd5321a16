#include "host/cases.hpp"

#include <algorithm>
#include <map>
#include <optional>
#include <regex>
#include <set>

#include "host/exit.hpp"

namespace racetrack::host {
namespace {

using Values = std::vector<std::string>;

std::optional<Values> asked_for(const Selection& selection, const std::string& axis) {
  for (const auto& [name, values] : selection.params) {
    if (name == axis) return values;
  }
  return std::nullopt;
}

const Values& values_for(const Axis& axis, const Selection& selection) {
  if (selection.full) return axis.full;
  if (selection.explore && !axis.explore.empty()) return axis.explore;
  return (selection.stress || selection.explore) && !axis.stress.empty() ? axis.stress : axis.defaults;
}

/// The values of every axis; an axis is empty when the scenario takes none of the values that the user asked for. Appends to
/// `refusals` why it does not take a value.
std::vector<Values> values_of(const Scenario& scenario, const Selection& selection, Values& refusals) {
  std::vector<Values> values;
  for (const Axis& axis : scenario.axes) {
    const std::optional<Values> asked = asked_for(selection, axis.name);
    if (!asked) {
      values.push_back(values_for(axis, selection));
      continue;
    }
    Values allowed;
    for (const std::string& value : *asked) {
      if (const auto refusal = axis.refuse(value)) {
        refusals.push_back(*refusal);
      } else if (std::count(allowed.begin(), allowed.end(), value) == 0) {
        allowed.push_back(value);
      }
    }
    values.push_back(std::move(allowed));
  }
  return values;
}

/// Calls visit(parameters) for every combination.
template <class Visit>
void for_each_combination(const Scenario& scenario, const std::vector<Values>& values, Visit&& visit) {
  std::vector<std::size_t> at(values.size(), 0);
  for (const Values& axis : values) {
    if (axis.empty()) return;
  }
  for (;;) {
    Parameters params;
    for (std::size_t i = 0; i < values.size(); ++i) params.set(scenario.axes[i].name, values[i][at[i]]);
    visit(params);
    std::size_t axis = values.size();
    while (axis > 0 && ++at[axis - 1] == values[axis - 1].size()) at[--axis] = 0;
    if (axis == 0) return;
  }
}

/// Why no scenario can take `value`, or nothing when one does.
std::optional<std::string> refused_by_all(const std::vector<Plugin>& plugins, const std::string& name,
                                          const std::string& value) {
  std::optional<std::string> why_not;
  std::size_t most = 0;  // the scenario that takes most values is the one to tell of
  for (const Plugin& plugin : plugins) {
    for (const Scenario& scenario : plugin.scenarios) {
      for (const Axis& axis : scenario.axes) {
        if (axis.name != name) continue;
        const auto refusal = axis.refuse(value);
        if (!refusal) return std::nullopt;
        if (why_not && axis.full.size() <= most) continue;
        why_not = *refusal + " in " + scenario.name();
        most = axis.full.size();
      }
    }
  }
  return why_not;
}

void check_parameters(const std::vector<Plugin>& plugins, const Selection& selection) {
  std::set<std::string> known;
  for (const Plugin& plugin : plugins) {
    for (const Scenario& scenario : plugin.scenarios) {
      for (const Axis& axis : scenario.axes) known.insert(axis.name);
    }
  }
  for (const auto& [name, values] : selection.params) {
    if (!known.contains(name)) {
      std::string names;
      for (const std::string& each : known) names += (names.empty() ? "" : ", ") + each;
      throw usage_error("--param " + name + ": no scenario has this parameter; there are " + names);
    }
    for (const std::string& value : values) {
      if (const auto why_not = refused_by_all(plugins, name, value)) throw usage_error("--param: " + *why_not);
    }
  }
}

std::string joined(const Values& values) {
  std::string text;
  for (const std::string& value : values) text += (text.empty() ? "" : ", ") + value;
  return text;
}

/// Values that the full sweep has beyond the default one, workload by workload.
void tell_what_default_leaves_out(const std::vector<Plugin>& plugins, CaseList& list) {
  std::map<std::string, std::map<std::string, Values>> beyond;
  for (const Plugin& plugin : plugins) {
    for (const Scenario& scenario : plugin.scenarios) {
      for (const Axis& axis : scenario.axes) {
        Values& values = beyond[scenario.family + "/" + scenario.workload][axis.name];
        for (const std::string& value : axis.full) {
          const bool in_default = std::count(axis.defaults.begin(), axis.defaults.end(), value) != 0;
          if (!in_default && std::count(values.begin(), values.end(), value) == 0) values.push_back(value);
        }
      }
    }
  }
  for (const auto& [workload, axes] : beyond) {
    std::string what;
    for (const auto& [axis, values] : axes) {
      if (!values.empty()) what += (what.empty() ? "" : "; ") + axis + " " + joined(values);
    }
    if (!what.empty()) list.left_out.emplace_back(workload + ": " + what, "only in the full sweep (FULL=1, --full)");
  }
}

/// The name of a case; sets the parameters that no axis has.
std::string complete(const Scenario& scenario, const Selection& selection, Parameters& params) {
  params.set("pin", scenario.pinned ? selection.pinning : "none");
  if (selection.weak) params.set(kMemory, "weak");
  return scenario.case_name(params);
}

/// The names of all cases of a scenario, without regard to --param.
std::vector<std::string> own_cases(const Scenario& scenario, const Selection& selection) {
  std::vector<Values> values;
  for (const Axis& axis : scenario.axes) values.push_back(values_for(axis, selection));
  std::vector<std::string> names;
  for_each_combination(scenario, values,
                       [&](Parameters params) { names.push_back(complete(scenario, selection, params)); });
  return names;
}

CaseList all_cases(const std::vector<Plugin>& plugins, const Selection& selection) {
  CaseList list;
  for (const Plugin& plugin : plugins) {
    for (const Scenario& scenario : plugin.scenarios) {
      if (scenario.standing == Standing::control && !selection.stress && !selection.explore) continue;
      if (selection.explore && scenario.explored_work == 0) {
        list.left_out.emplace_back(scenario.name(), kNotExplored);
        continue;
      }
      if (selection.weak && !scenario.unseen_atomics.empty()) {
        list.left_out.emplace_back(scenario.name(), "is not explored in weak memory: its atomics in " +
                                                        scenario.unseen_atomics + " are not seen");
        continue;
      }
      if (selection.stress && !scenario.stressed && selection.params.empty()) continue;
      Values refusals;
      const std::vector<Values> values = values_of(scenario, selection, refusals);
      if (!refusals.empty()) {
        list.refused.push_back({scenario.name(), joined(refusals), own_cases(scenario, selection)});
      }
      for_each_combination(scenario, values, [&](Parameters params) {
        if (const auto refusal = scenario.refuse(params)) {
          list.left_out.emplace_back(scenario.case_name(params), *refusal);
          return;
        }
        std::string name = complete(scenario, selection, params);
        list.cases.push_back({plugin.file, &scenario, std::move(params), std::move(name)});
      });
    }
  }
  return list;
}

}  // namespace

CaseList select_cases(const std::vector<Plugin>& plugins, const Selection& selection) {
  check_parameters(plugins, selection);
  std::regex pattern;
  try {
    pattern.assign(selection.filter, std::regex::ECMAScript);
  } catch (const std::regex_error& error) {
    throw usage_error("filter '" + selection.filter + "' is not a regular expression: " + error.what());
  }
  CaseList list = all_cases(plugins, selection);
  const std::string why_not =
      list.refused.empty() ? "" : list.refused.back().why + " in " + list.refused.back().scenario;
  const auto keep = [&](CaseList& candidates) {
    std::erase_if(candidates.cases, [&](const Case& each) { return !std::regex_search(each.name, pattern); });
    std::erase_if(candidates.left_out, [&](const auto& each) { return !std::regex_search(each.first, pattern); });
    std::erase_if(candidates.refused, [&](const Refused& each) {
      return std::none_of(each.cases.begin(), each.cases.end(),
                          [&](const std::string& name) { return std::regex_search(name, pattern); });
    });
  };
  keep(list);
  if (list.cases.empty()) {
    if (!selection.params.empty() && !list.left_out.empty()) {
      throw usage_error(list.left_out.front().first + ": " + list.left_out.front().second);
    }
    if (!why_not.empty()) throw usage_error(why_not);
    std::string hint = "; `racetrack list` shows what there is";
    if (!selection.full) {
      Selection full = selection;
      full.full = true;
      CaseList more = all_cases(plugins, full);
      keep(more);
      if (!more.cases.empty()) {
        hint = "; " + std::to_string(more.cases.size()) + " cases of the full sweep do: " +
               (selection.stress || selection.explore ? "name their parameters with --param" : "add --full");
      } else if (!more.left_out.empty()) {
        hint = "; " + more.left_out.front().first + ": " + more.left_out.front().second;
      }
    }
    throw Failure(Exit::nothing, "no case matches '" + selection.filter + "'" + hint);
  }
  const bool default_sweep = !selection.full && !selection.stress && !selection.explore && selection.params.empty() &&
                             selection.filter.empty();
  if (default_sweep) tell_what_default_leaves_out(plugins, list);
  for (const Refused& each : list.refused) list.left_out.emplace_back(each.scenario, each.why);
  return list;
}

}  // namespace racetrack::host
