// racetrack: the command.
#include <csignal>
#include <cstdio>
#include <cstring>
#include <exception>
#include <stdexcept>

#include <sys/prctl.h>

#include "host/command_line.hpp"
#include "host/deadlock_command.hpp"
#include "host/exit.hpp"
#include "host/explore_command.hpp"
#include "host/job.hpp"

int main(int argc, char** argv) {
  using racetrack::host::Exit;
  Exit code = Exit::harness;
  std::signal(SIGXFSZ, SIG_IGN);  // a file that may not grow is an error to report, as a full disk is
  try {
    if (argc == 2 && std::strcmp(argv[1], "child") == 0) {
      prctl(PR_SET_NAME, "racetrack");  // it was started as /proc/self/exe, and threads are shown by name
      racetrack::host::prepare_explored_child(argv);
      return racetrack::host::do_job();
    }
    // Its words are another program's, and so may be its exit code.
    if (argc >= 2 && std::strcmp(argv[1], "deadlock") == 0) {
      return racetrack::host::run_deadlock_command({argv + 2, argv + argc});
    }
    code = racetrack::host::run_command_line(argc, argv);
  } catch (const racetrack::host::Failure& failure) {
    std::fprintf(stderr, "racetrack: %s\n", failure.what());
    code = failure.code();
  } catch (const std::exception& error) {
    std::fprintf(stderr, "racetrack: internal error: %s\n", error.what());
  }
  return static_cast<int>(code);
}
