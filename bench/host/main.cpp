// The command racetrack.
#include <csignal>
#include <cstdio>
#include <cstring>
#include <exception>
#include <stdexcept>
#include <system_error>

#include <sys/prctl.h>

#include "host/command_line.hpp"
#include "host/deadlock_command.hpp"
#include "host/exit.hpp"
#include "host/explore_command.hpp"
#include "host/job.hpp"
#include "host/safe_text.hpp"
#include "host/standard_streams.hpp"
#include "load/priority.hpp"

int main(int argc, char** argv) {
  using racetrack::host::Exit;
  Exit code = Exit::harness;
  racetrack::host::make_standard_streams_valid();
  std::signal(SIGXFSZ, SIG_IGN);  // report a file that may not grow as an error, like a full disk
  try {
    if (argc == 2 && std::strcmp(argv[1], "child") == 0) {
      prctl(PR_SET_NAME, "racetrack");  // it was started as /proc/self/exe, and threads are listed by name
      racetrack::host::prepare_explored_child(argv);
      return racetrack::host::handle_job();
    }
    // Its arguments contain another program's, and its exit code may be that program's.
    if (argc >= 2 && std::strcmp(argv[1], "deadlock") == 0) {
      return racetrack::host::run_deadlock_command({argv + 2, argv + argc});
    }
    racetrack::host::keep_standard_streams_from_failing();
    racetrack::load::rise_above_subjects();
    code = racetrack::host::run_command_line(argc, argv);
  } catch (const racetrack::host::Failure& failure) {
    racetrack::host::print_safely(stderr, "racetrack: {}\n", failure.what());
    code = failure.code();
  } catch (const std::system_error& error) {
    const bool no_thread = error.code() == std::errc::resource_unavailable_try_again;
    racetrack::host::print_safely(stderr, "racetrack: {}: {}\n",
                                  no_thread ? "the system refuses another thread (see ulimit -u)" : "internal error",
                                  error.what());
  } catch (const std::exception& error) {
    racetrack::host::print_safely(stderr, "racetrack: internal error: {}\n", error.what());
  }
  return static_cast<int>(racetrack::host::close_standard_streams(code));
}
