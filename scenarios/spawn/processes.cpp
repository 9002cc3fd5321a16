// The ways to start a child process: as a copy of this one, or as another program.
//
//   fork         copies the process, including its page tables, and the copy does the work
//   vfork_exec   lends its memory to the child until the child executes another program
//   posix_spawn  does the same in one call. The library handles the pitfalls of vfork (glibc: clone with CLONE_VFORK)
#include <cerrno>
#include <system_error>

#include <spawn.h>
#include <unistd.h>

#include <racetrack/plugin.hpp>
#include <racetrack/spawn.hpp>

namespace {

using racetrack::spawn::Child;
using racetrack::spawn::Ending;

pid_t checked(pid_t process) {
  if (process < 0) throw std::system_error(errno, std::generic_category(), "cannot start a child process");
  return process;
}

class Fork {
 public:
  pid_t start(const Child& child) {
    const pid_t process = checked(fork());
    if (process == 0) child.run();
    return process;
  }
  Ending wait(pid_t process) { return racetrack::spawn::wait_for(process); }
};

class VforkExec {
 public:
  pid_t start(const Child& child) {
    const auto arguments = child.arguments();
    const auto environment = Child::environment();
    const pid_t process = checked(vfork());
    // Until exec, the child runs on the parent's stack: it may only call exec and _exit.
    if (process == 0) {
      execve(child.program(), arguments.data(), environment.data());
      _exit(127);
    }
    return process;
  }
  Ending wait(pid_t process) { return racetrack::spawn::wait_for(process); }
};

class PosixSpawn {
 public:
  pid_t start(const Child& child) {
    pid_t process = 0;
    const int error =
        posix_spawn(&process, child.program(), nullptr, nullptr, child.arguments().data(), Child::environment().data());
    if (error != 0) throw std::system_error(error, std::generic_category(), "cannot start a child process");
    return process;
  }
  Ending wait(pid_t process) { return racetrack::spawn::wait_for(process); }
};

}  // namespace

RACETRACK_PLUGIN(registry) {
  using racetrack::spawn::Processes;
  registry.add<Processes, Fork>("fork", {.library = "glibc", .call = "fork", .resident_mib = {"1", "1024"}});
  registry.add<Processes, VforkExec>("vfork_exec", {.library = "glibc", .call = "vfork, execve"});
  registry.add<Processes, PosixSpawn>("posix_spawn", {.library = "glibc", .call = "posix_spawn"});
}
