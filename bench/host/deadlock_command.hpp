// `racetrack deadlock`: any program, under the deadlock detector.
#pragma once

#include <string>
#include <vector>

namespace racetrack::host {

/// The words after `deadlock`. Returns the exit code of the command: 1 (or what --error-exitcode says) for a finding, otherwise
/// that of the program, 128 + signal when it died of one. Throws Failure for what cannot be run.
int run_deadlock_command(const std::vector<std::string>& words);

inline constexpr char kDeadlockUsage[] = R"(usage: racetrack deadlock [OPTION...] [--] PROGRAM [ARGUMENT...]

Runs a program, C or C++, under the deadlock detector, and what it starts too. A deadlock that happens ends it at once. At SIGINT
(Ctrl-C) and SIGQUIT the wait of every thread is printed; then the program gets the signal.

  --order             cycles in the order of locks are findings too, even if nothing happened this time; and locks released that no
                      thread held
  --strict            a lock released by another thread than its holder is a finding, not a warning
  --time S            end the program after S seconds, and print the wait of every thread before
  --error-exitcode N  exit with N (1 to 255) when there is a finding, not with 1
  --stacks            a full stack for every lock taken, not only for every wait and every new order
  --help              this text

Exit code: 1 or N with a finding; else the program's own, 128 + signal when it died of one; 2 when it cannot be run under the
detector; 3 when the detector was not loaded, or --time has ended the program.
)";

}  // namespace racetrack::host
