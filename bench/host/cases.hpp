// Selects cases: scenarios with a value for each parameter.
#pragma once

#include <filesystem>
#include <string>
#include <utility>
#include <vector>

#include <racetrack/scenario.hpp>

#include "host/plugins.hpp"

namespace racetrack::host {

/// Why the explorer leaves out a scenario whose explored_work is 0.
inline constexpr const char* kNotExplored = "is not explored: the explorer does not control its operations";

/// The parameter that weak memory adds to a case, so that the case has another name, record and token than under
/// sequential consistency.
inline constexpr const char* kMemory = "memory";

/// The cases that the user requested.
struct Selection {
  std::string filter{};              ///< regular expression searched in the case name; empty: all
  std::vector<std::string> names{};  ///< full names of the only cases to run; empty: use the filter
  bool full = false;                 ///< use the values of the full sweep instead of the default ones
  bool stress = false;               ///< use the values for the stress engine, and include controls
  bool explore = false;              ///< use the values for the explorer, and include controls
  bool weak = false;                 ///< explore in weak memory
  std::string pinning = "compact";
  std::vector<std::pair<std::string, std::vector<std::string>>> params{};  ///< axis name -> requested values
};

/// One scenario with one value for each parameter. `scenario` points into a loaded plugin.
struct Case {
  std::filesystem::path plugin;
  const Scenario* scenario = nullptr;
  Parameters params;  ///< including pin
  std::string name;
  std::string plugin_id{};  ///< identifies the content of the plugin's file
};

/// A scenario that does not accept a value of --param.
struct Refused {
  std::string scenario;
  std::string why;
  std::vector<std::string> cases;  ///< names of its cases without --param, matched against the filter
};

struct CaseList {
  std::vector<Case> cases;
  std::vector<std::pair<std::string, std::string>>
      left_out;  ///< what and why: refused combinations, values that only the full sweep has
  std::vector<Refused> refused;
};

/// Returns the case of this name, with the parameters in the name. Throws Failure(usage) when no scenario has such a
/// case.
Case find_case(const std::vector<Plugin>& plugins, const std::string& name);

/// Returns all cases of the selection, in the order of plugins and axes. Throws Failure(usage) for a bad filter, an
/// unknown parameter or a value out of range. Throws Failure(nothing) when no case matches; the message says which
/// selection would match.
CaseList select_cases(const std::vector<Plugin>& plugins, const Selection& selection);

}  // namespace racetrack::host
