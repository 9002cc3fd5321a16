// From scenarios to the cases of a sweep.
#pragma once

#include <filesystem>
#include <string>
#include <utility>
#include <vector>

#include <racetrack/scenario.hpp>

#include "host/plugins.hpp"

namespace racetrack::host {

/// Why a scenario whose explored_work is 0 is left out by the explorer.
inline constexpr const char* kNotExplored = "is not explored: what it does lies outside what the explorer controls";

/// The parameter that weak memory adds to a case, so that its record and its token are not those of sequential consistency.
inline constexpr const char* kMemory = "memory";

/// What the user asked to run.
struct Selection {
  std::string filter{};  ///< regular expression searched in the case name; empty: all
  bool full = false;     ///< the full sweep's values instead of the default's
  bool stress = false;   ///< the values for the stress engine, and controls too
  bool explore = false;  ///< the values for the explorer, and controls too
  bool weak = false;     ///< explored in weak memory
  std::string pinning = "compact";
  std::vector<std::pair<std::string, std::vector<std::string>>> params{};  ///< axis name -> values asked for
};

/// One scenario with one choice of parameters. Points into the plugins.
struct Case {
  std::filesystem::path plugin;
  const Scenario* scenario = nullptr;
  Parameters params;  ///< pin included
  std::string name;
};

/// A scenario that does not take a value of --param.
struct Refused {
  std::string scenario;
  std::string why;
  std::vector<std::string> cases;  ///< its cases without --param, for the filter
};

struct CaseList {
  std::vector<Case> cases;
  std::vector<std::pair<std::string, std::string>>
      left_out;  ///< what, why: refused combinations, the rest of the full sweep
  std::vector<Refused> refused;
};

/// All cases of the selection, in the order of plugins and axes. Throws Failure: usage for a bad filter, an unknown parameter
/// or a value out of range; nothing when no case is left, saying what would match.
CaseList select_cases(const std::vector<Plugin>& plugins, const Selection& selection);

}  // namespace racetrack::host
