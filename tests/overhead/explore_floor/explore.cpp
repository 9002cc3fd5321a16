#include "explore.h"

#include <cstdio>

#include "explore/explorer.hpp"

namespace ex {

bool fiber_mode = true;

void explore(const char* name, std::function<void()> body, Opts options) {
  if (options.plain_points || !options.races) return;  // this explorer has no such mode
  racetrack::explore::Subject subject;
  subject.body = std::move(body);
  racetrack::explore::Plan plan;
  if (options.weak) plan.memory = racetrack::explore::Memory::weak;
  static constexpr const char* kStrategies[] = {"random", "pct3", "dfs2"};
  plan.strategies = {kStrategies[options.strat]};
  plan.seed = 1;
  plan.seconds = 1000;
  plan.executions = static_cast<std::uint64_t>(options.execs);
  const racetrack::explore::Exploration result = racetrack::explore::explore(subject, plan);
  if (options.quiet) return;
  static constexpr const char* kNames[] = {"random", "pct", "dfs"};
  const racetrack::explore::Share& share = result.shares.front();
  std::printf("%-26s %-6s%s execs %7lu  %8.0f/s  steps %5.0f  bugs %zu\n", name, kNames[options.strat],
              options.weak ? " weak" : "", static_cast<unsigned long>(result.executions),
              static_cast<double>(result.executions) / result.seconds,
              share.steps / static_cast<double>(share.executions), result.findings.size());
  std::fflush(stdout);
}

void check(bool holds, const char* what) {
  if (holds) return;
  const racetrack::explore::ExplorerScope explorer_scope;
  racetrack::explore::fail("wrong_result", what);
}

}  // namespace ex
