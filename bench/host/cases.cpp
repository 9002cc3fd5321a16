#include "host/cases.hpp"

#include <algorithm>
#include <map>
#include <optional>
#include <set>
#include <variant>

#include "host/exit.hpp"
#include "host/filter.hpp"
#include "host/safe_text.hpp"

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

/// Returns the values of every axis. An axis is empty when the scenario accepts none of the requested values. Appends
/// to `refusals` the reason for each value that is not accepted.
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

/// Calls visit(parameters) for every combination of values.
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

/// Returns why no scenario accepts `value`, or nullopt when one does.
std::optional<std::string> refused_by_all(const std::vector<Plugin>& plugins, const std::string& name,
                                          const std::string& value) {
  std::optional<std::string> reason;
  std::size_t most = 0;  // number of values of the scenario named in the message: the one with the most
  for (const Plugin& plugin : plugins) {
    for (const Scenario& scenario : plugin.scenarios) {
      for (const Axis& axis : scenario.axes) {
        if (axis.name != name) continue;
        const auto refusal = axis.refuse(value);
        if (!refusal) return std::nullopt;
        if (reason && axis.full.size() <= most) continue;
        reason = *refusal + " in " + scenario.name();
        most = axis.full.size();
      }
    }
  }
  return reason;
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
      throw usage_error("--param " + name + ": no scenario has this parameter; parameters: " + names);
    }
    for (const std::string& value : values) {
      if (const auto reason = refused_by_all(plugins, name, value)) throw usage_error("--param: " + *reason);
    }
  }
}

std::string joined(const Values& values) {
  std::string text;
  for (const std::string& value : values) text += (text.empty() ? "" : ", ") + value;
  return text;
}

/// Adds to list.left_out the values that only the full sweep has, one line per workload.
void add_values_left_out_by_default(const std::vector<Plugin>& plugins, CaseList& list) {
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

/// Returns the name of a case. Sets the parameters that are not axes: pin and memory.
std::string complete(const Scenario& scenario, const Selection& selection, Parameters& params) {
  params.set("pin", scenario.pinned ? selection.pinning : "none");
  if (selection.weak) params.set(kMemory, "weak");
  return scenario.case_name(params);
}

/// Returns the names of all cases of a scenario, ignoring --param.
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
        list.left_out.emplace_back(
            scenario.name(),
            "is not explored in weak memory: the explorer does not see its atomics in " + scenario.unseen_atomics);
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
        list.cases.push_back({plugin.file, &scenario, std::move(params), std::move(name), plugin.id});
      });
    }
  }
  return list;
}

/// Returns the parameters after the scenario's name in the name of a case, or the error in them.
std::variant<Parameters, std::string> parameters_in(const Scenario& scenario, const std::string& name) {
  Parameters params;
  for (std::size_t begin = scenario.name().size() + 1; begin < name.size();) {
    const std::size_t end = std::min(name.find('/', begin), name.size());
    const std::string pair = name.substr(begin, end - begin);
    const std::size_t colon = pair.find(':');
    if (colon == std::string::npos) return "'" + pair + "' in it is not NAME:VALUE";
    params.set(pair.substr(0, colon), pair.substr(colon + 1));
    begin = end + 1;
  }
  for (const Axis& axis : scenario.axes) {
    if (!params.has(axis.name)) return "it has no " + axis.name + ":VALUE";
    if (const auto refusal = axis.refuse(params.text(axis.name))) return *refusal;
  }
  Selection own;
  own.pinning = params.has("pin") ? params.text("pin") : "";
  if (own.pinning != "compact" && own.pinning != "scatter" && own.pinning != "none") {
    return "it has no pin:compact, pin:scatter or pin:none";
  }
  own.weak = params.has(kMemory);
  Parameters again;
  for (const Axis& axis : scenario.axes) again.set(axis.name, params.text(axis.name));
  if (const std::string whole = complete(scenario, own, again); whole != name) return "it would be " + whole;
  return params;
}

/// Returns why an engine does not run a case that the user named, or nullopt.
std::optional<std::string> refuse_case(const Case& which, const Selection& selection) {
  const Scenario& scenario = *which.scenario;
  if (scenario.standing == Standing::control && !selection.stress && !selection.explore) {
    return "is a control, which bench does not time";
  }
  if (selection.explore && scenario.explored_work == 0) return kNotExplored;
  if (selection.explore && selection.weak != which.params.has(kMemory)) {
    return selection.weak ? "is not a case for weak memory: omit --memory weak"
                          : "is a case for weak memory: add --memory weak";
  }
  if (!selection.explore && which.params.has(kMemory)) return "is a case for racetrack explore";
  if (selection.weak && !scenario.unseen_atomics.empty()) {
    return "is not explored in weak memory: the explorer does not see its atomics in " + scenario.unseen_atomics;
  }
  return scenario.refuse(which.params);
}

CaseList named_cases(const std::vector<Plugin>& plugins, const Selection& selection) {
  if (!selection.filter.empty()) throw usage_error("--case excludes a filter: omit one of them");
  CaseList list;
  std::set<std::string> known;
  for (const std::string& name : selection.names) {
    if (!known.insert(name).second) continue;
    Case which = find_case(plugins, name);
    if (const auto reason = refuse_case(which, selection)) throw usage_error("--case " + name + ": " + *reason);
    list.cases.push_back(std::move(which));
  }
  return list;
}

}  // namespace

Case find_case(const std::vector<Plugin>& plugins, const std::string& name) {
  for (const Plugin& plugin : plugins) {
    for (const Scenario& scenario : plugin.scenarios) {
      if (!name.starts_with(scenario.name() + "/")) continue;
      auto params = parameters_in(scenario, name);
      if (const auto* reason = std::get_if<std::string>(&params)) {
        throw usage_error("unknown case " + quoted_or_hex(name) + ": " + *reason);
      }
      return {plugin.file, &scenario, std::get<Parameters>(std::move(params)), name};
    }
  }
  throw usage_error("unknown case " + quoted_or_hex(name) +
                    ": no loaded plugin has its scenario; `racetrack list` lists the scenarios, --plugin loads more");
}

CaseList select_cases(const std::vector<Plugin>& plugins, const Selection& selection) {
  check_parameters(plugins, selection);
  if (!selection.names.empty()) return named_cases(plugins, selection);
  const text::Filter filter = parse_filter(selection.filter);
  CaseList list = all_cases(plugins, selection);
  const std::string reason =
      list.refused.empty() ? "" : list.refused.back().why + " in " + list.refused.back().scenario;
  const auto keep = [&](CaseList& candidates) {
    std::erase_if(candidates.cases, [&](const Case& each) { return !filter.matches(each.name); });
    std::erase_if(candidates.left_out, [&](const auto& each) { return !filter.matches(each.first); });
    std::erase_if(candidates.refused, [&](const Refused& each) {
      return std::none_of(each.cases.begin(), each.cases.end(),
                          [&](const std::string& name) { return filter.matches(name); });
    });
  };
  keep(list);
  if (list.cases.empty()) {
    if (!selection.params.empty() && !list.left_out.empty()) {
      throw usage_error(list.left_out.front().first + ": " + list.left_out.front().second);
    }
    if (!reason.empty()) throw usage_error(reason);
    std::string hint = "; `racetrack list` lists the scenarios";
    if (!selection.full) {
      Selection full = selection;
      full.full = true;
      CaseList more = all_cases(plugins, full);
      keep(more);
      if (!more.cases.empty()) {
        hint = "; " + std::to_string(more.cases.size()) + " cases of the full sweep match: " +
               (selection.stress || selection.explore ? "name their parameters with --param" : "add --full");
      } else if (!more.left_out.empty()) {
        hint = "; " + more.left_out.front().first + ": " + more.left_out.front().second;
      }
    }
    throw Failure(Exit::nothing, "no case matches " + quoted_or_hex(selection.filter) + hint);
  }
  const bool default_sweep = !selection.full && !selection.stress && !selection.explore && selection.params.empty() &&
                             selection.filter.empty();
  if (default_sweep) add_values_left_out_by_default(plugins, list);
  for (const Refused& each : list.refused) list.left_out.emplace_back(each.scenario, each.why);
  return list;
}

}  // namespace racetrack::host
