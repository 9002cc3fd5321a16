// `racetrack deadlock`: runs any program under the deadlock detector.
#pragma once

#include <string>
#include <vector>

namespace racetrack::host {

/// Runs the command with the arguments after `deadlock`. Returns 1 (or the value of --error-exitcode) for a finding,
/// 124 when --time ended the program, 125 when the detector was not loaded; otherwise the program's exit code, or 128 +
/// signal when a signal ended it. Throws Failure for a program that cannot be run.
int run_deadlock_command(const std::vector<std::string>& arguments);

inline constexpr char kDeadlockUsage[] = R"(usage: racetrack deadlock [OPTION...] [--] PROGRAM [ARGUMENT...]

Runs a C or C++ program, and the programs that it starts, under the deadlock detector. A deadlock ends it at once.
At SIGINT (Ctrl-C) and SIGQUIT, racetrack prints the wait of every thread and then passes the signal to the program.

  --order             report cycles in the order of locks even if no deadlock happened, and unlocks of locks that no
                      thread holds
  --strict            make a lock that another thread than its holder releases a finding, not a warning
  --time S            end the program after S seconds, and print the wait of every thread before
  --error-exitcode N  exit with N (1 to 255) instead of 1 when there is a finding
  --stacks            print a full stack for every lock taken, not only for waits and new lock orders
  --help              print this text

Exit code: 1 or N with a finding; otherwise the program's, or 128 + signal when a signal ended it; 2 when the program
cannot run under the detector; 124 when --time ended the program; 125 when the detector was not loaded.
)";

}  // namespace racetrack::host
