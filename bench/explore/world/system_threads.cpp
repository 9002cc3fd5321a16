#include "explore/world/system_threads.hpp"

#include <ctime>

#include <fcntl.h>
#include <sys/stat.h>
#include <sys/syscall.h>

#include "explore/interpose/real.hpp"

namespace racetrack::explore {
namespace {

/// The folder itself has two links; each thread adds one.
unsigned running_threads() {
  struct stat tasks {};
  const long error = raw_syscall(SYS_newfstatat, AT_FDCWD, reinterpret_cast<long>("/proc/self/task"),
                                 reinterpret_cast<long>(&tasks), 0);
  return error == 0 && tasks.st_nlink > 2 ? static_cast<unsigned>(tasks.st_nlink) - 2 : 0;
}

}  // namespace

unsigned uncontrolled_threads(unsigned made) {
  constexpr int kTries = 200;
  constexpr timespec kPause{0, 1'000'000};
  unsigned running = running_threads();
  for (int i = 0; i < kTries && running > made + 1; ++i) {
    // A thread that has been joined may be there for a moment.
    raw_syscall(SYS_nanosleep, reinterpret_cast<long>(&kPause), 0);
    running = running_threads();
  }
  return running > made + 1 ? running - made - 1 : 0;
}

}  // namespace racetrack::explore
