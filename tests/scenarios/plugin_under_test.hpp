// Loads the plugin named on a test's command line, as the harness does, so that the tests and the harness run the same
// code.
#pragma once

#include <chrono>
#include <iostream>
#include <string>
#include <thread>
#include <utility>
#include <vector>

#include <dlfcn.h>
#include <gtest/gtest.h>

#include <racetrack/plugin.hpp>

#include "load/calibration.hpp"
#include "load/round_runner.hpp"
#include "load/topology.hpp"

namespace racetrack {

/// Filled by main before GoogleTest asks for its contents.
inline std::vector<Scenario>& scenarios() {
  static std::vector<Scenario> loaded;
  return loaded;
}

/// Indices of all scenarios, for INSTANTIATE_TEST_SUITE_P.
inline std::vector<std::size_t> scenario_indices() {
  std::vector<std::size_t> all(scenarios().size());
  for (std::size_t i = 0; i < all.size(); ++i) all[i] = i;
  return all;
}

inline std::string scenario_test_name(const testing::TestParamInfo<std::size_t>& test) {
  return scenarios()[test.param].workload + "_" + scenarios()[test.param].subject;
}

/// All combinations of the axes' values in the full sweep.
inline std::vector<Parameters> full_cases(const Scenario& scenario) {
  std::vector<Parameters> cases(1);
  for (const Axis& axis : scenario.axes) {
    std::vector<Parameters> longer;
    for (const Parameters& shorter : cases) {
      for (const std::string& value : axis.full) {
        longer.push_back(shorter);
        longer.back().set(axis.name, value);
      }
    }
    cases = std::move(longer);
  }
  return cases;
}

inline load::RoundRunner make_runner(const Scenario& scenario, const Parameters& params,
                                     std::chrono::seconds patience = std::chrono::seconds(30)) {
  static const Ticks skew = load::measure_skew(load::Topology::detect().compact);
  std::size_t threads = 0;
  for (const Role& role : load::RoundRunner::roles_of(scenario, params, Clock{})) threads += role.threads;
  load::RoundRunner::Options options;
  options.skew = skew;
  options.patience = patience;
  options.grace = std::chrono::seconds(1);
  return {scenario, params, std::vector<int>(threads, -1), threads > std::thread::hardware_concurrency(), options};
}

/// main() of a test program whose first argument is the plugin's file.
inline int run_plugin_tests(int argc, char** argv) {
  if (argc < 2) {
    std::cerr << "usage: " << argv[0] << " PLUGIN.so [GoogleTest flags]\n";
    return 2;
  }
  void* module = dlopen(argv[1], RTLD_NOW | RTLD_LOCAL);
  if (module == nullptr) {
    std::cerr << dlerror() << '\n';
    return 2;
  }
  const auto entry = reinterpret_cast<const PluginEntry* (*)()>(dlsym(module, "racetrack_plugin"));
  if (entry == nullptr || std::string(entry()->stamp) != RACETRACK_STAMP) {
    std::cerr << argv[1] << " is not a plugin of this build\n";
    return 2;
  }
  Registry registry;
  entry()->describe(registry);
  scenarios() = registry.scenarios();
  testing::InitGoogleTest(&argc, argv);
  return RUN_ALL_TESTS();
}

}  // namespace racetrack
