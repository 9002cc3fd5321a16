// Calls that the explorer cannot control: processes, signals, and waits for external events. While the subject runs,
// such a call ends the exploration with a line that names it.
#include <array>
#include <cstdarg>
#include <cstdint>
#include <string>

#include <csignal>
#include <cstdio>
#include <cstdlib>
#include <ctime>
#include <poll.h>
#include <spawn.h>
#include <sys/epoll.h>
#include <sys/file.h>
#include <sys/select.h>
#include <sys/socket.h>
#include <sys/time.h>
#include <sys/uio.h>
#include <sys/wait.h>
#include <unistd.h>

#include "explore/interpose/real.hpp"
#include "explore/runtime.hpp"

using namespace racetrack::explore;

namespace {

void refuse_if_watching(const char* call, const char* why) {
  if (!runtime.watching) return;
  const ExplorerScope explorer_scope;
  refuse(std::string("the subject calls ") + call + "(), and " + why);
}

constexpr const char* kOutside =
    "the explorer does not control external input: replace it in the test by a fake without input and output";
constexpr const char* kProcess = "the explorer follows one process only";
constexpr const char* kSignal = "the explorer does not schedule signals";

}  // namespace

#define RACETRACK_REFUSED(why, result, name, parameters, ...)                            \
  RACETRACK_INTERPOSED result name parameters {                                          \
    refuse_if_watching(#name, why);                                                      \
    static const auto next = reinterpret_cast<result(*) parameters>(next_symbol(#name)); \
    return next(__VA_ARGS__);                                                            \
  }

RACETRACK_REFUSED(kProcess, pid_t, fork, (), )
RACETRACK_REFUSED(kProcess, pid_t, waitpid, (pid_t child, int* status, int options), child, status, options)
RACETRACK_REFUSED(kProcess, pid_t, wait, (int* status), status)
RACETRACK_REFUSED(kProcess, int, execv, (const char* path, char* const* arguments), path, arguments)
RACETRACK_REFUSED(kProcess, int, execvp, (const char* file, char* const* arguments), file, arguments)
RACETRACK_REFUSED(kProcess, int, execve, (const char* path, char* const* arguments, char* const* environment), path,
                  arguments, environment)
RACETRACK_REFUSED(kSignal, sighandler_t, signal, (int number, sighandler_t handler), number, handler)
RACETRACK_REFUSED(kSignal, int, sigaction, (int number, const struct sigaction* action, struct sigaction* before),
                  number, action, before)
RACETRACK_REFUSED(kSignal, int, sigwait, (const sigset_t* set, int* number), set, number)
RACETRACK_REFUSED(kSignal, int, sigwaitinfo, (const sigset_t* set, siginfo_t* info), set, info)
RACETRACK_REFUSED(kSignal, int, sigtimedwait, (const sigset_t* set, siginfo_t* info, const timespec* limit), set, info,
                  limit)
RACETRACK_REFUSED(kSignal, int, sigsuspend, (const sigset_t* mask), mask)
RACETRACK_REFUSED(kSignal, int, kill, (pid_t process, int number), process, number)
RACETRACK_REFUSED(kSignal, int, raise, (int number), number)
RACETRACK_REFUSED(kSignal, int, pthread_kill, (pthread_t thread, int number), thread, number)
RACETRACK_REFUSED(kSignal, unsigned, alarm, (unsigned seconds), seconds)
RACETRACK_REFUSED(kSignal, int, pause, (), )
RACETRACK_REFUSED(kSignal, int, setitimer, (__itimer_which_t which, const itimerval* time, itimerval* before), which,
                  time, before)
RACETRACK_REFUSED(kSignal, int, timer_create, (clockid_t clock, sigevent* event, timer_t* timer), clock, event, timer)
RACETRACK_REFUSED(kOutside, int, flock, (int file, int operation), file, operation)
RACETRACK_REFUSED(kOutside, int, poll, (pollfd * files, nfds_t count, int timeout), files, count, timeout)
RACETRACK_REFUSED(kOutside, int, ppoll, (pollfd * files, nfds_t count, const timespec* limit, const sigset_t* mask),
                  files, count, limit, mask)
RACETRACK_REFUSED(kOutside, int, pselect,
                  (int count, fd_set* in, fd_set* out, fd_set* other, const timespec* limit, const sigset_t* mask),
                  count, in, out, other, limit, mask)
RACETRACK_REFUSED(kOutside, int, epoll_pwait,
                  (int epoll, epoll_event* events, int count, int timeout, const sigset_t* mask), epoll, events, count,
                  timeout, mask)
RACETRACK_REFUSED(kOutside, int, select, (int count, fd_set* in, fd_set* out, fd_set* other, timeval* timeout), count,
                  in, out, other, timeout)
RACETRACK_REFUSED(kOutside, int, epoll_wait, (int epoll, epoll_event* events, int count, int timeout), epoll, events,
                  count, timeout)
RACETRACK_REFUSED(kOutside, int, accept, (int socket, sockaddr* __restrict address, socklen_t* __restrict size), socket,
                  address, size)
RACETRACK_REFUSED(kOutside, int, connect, (int socket, const sockaddr* address, socklen_t size), socket, address, size)
RACETRACK_REFUSED(kOutside, ssize_t, recv, (int socket, void* to, std::size_t size, int flags), socket, to, size, flags)
RACETRACK_REFUSED(kOutside, ssize_t, recvfrom,
                  (int socket, void* to, std::size_t size, int flags, sockaddr* __restrict address,
                   socklen_t* __restrict length),
                  socket, to, size, flags, address, length)
RACETRACK_REFUSED(kOutside, ssize_t, recvmsg, (int socket, msghdr* message, int flags), socket, message, flags)
RACETRACK_REFUSED(kProcess, int, system, (const char* command), command)
RACETRACK_REFUSED(kProcess, FILE*, popen, (const char* command, const char* mode), command, mode)
RACETRACK_REFUSED(kProcess, int, posix_spawn,
                  (pid_t * child, const char* path, const posix_spawn_file_actions_t* actions,
                   const posix_spawnattr_t* attributes, char* const* arguments, char* const* environment),
                  child, path, actions, attributes, arguments, environment)
RACETRACK_REFUSED(kProcess, int, posix_spawnp,
                  (pid_t * child, const char* file, const posix_spawn_file_actions_t* actions,
                   const posix_spawnattr_t* attributes, char* const* arguments, char* const* environment),
                  child, file, actions, attributes, arguments, environment)
#undef RACETRACK_REFUSED

RACETRACK_INTERPOSED int clone(int (*function)(void*), void* stack, int flags, void* argument, ...) noexcept {
  refuse_if_watching("clone", "the explorer does not schedule threads that are not made by pthread or C11 functions");
  va_list rest;
  va_start(rest, argument);
  std::array<void*, 3> more{};
  for (void*& each : more) each = va_arg(rest, void*);
  va_end(rest);
  using Clone = int (*)(int (*)(void*), void*, int, void*, ...);
  static const auto next = reinterpret_cast<Clone>(next_symbol("clone"));
  return next(function, stack, flags, argument, more[0], more[1], more[2]);
}
/// Like fork: the child of a real vfork shares its parent's stack and must not return from this function.
RACETRACK_INTERPOSED pid_t vfork() noexcept {
  refuse_if_watching("vfork", kProcess);
  return fork();
}
RACETRACK_INTERPOSED sem_t* sem_open(const char* name, int flags, ...) noexcept {
  refuse_if_watching("sem_open", "a named semaphore outlives an execution: use sem_init");
  va_list rest;
  va_start(rest, flags);
  const auto mode = va_arg(rest, unsigned);
  const auto value = va_arg(rest, unsigned);
  va_end(rest);
  using Open = sem_t* (*)(const char*, int, ...);
  static const auto next = reinterpret_cast<Open>(next_symbol("sem_open"));
  return next(name, flags, mode, value);
}
