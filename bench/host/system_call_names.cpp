#include "host/system_call_names.hpp"

#include <algorithm>

#include <sys/syscall.h>

namespace racetrack::host {
namespace {

struct KnownCall {
  long number;
  const char* name;
  bool of_descriptor;
};

constexpr KnownCall kCalls[] = {
    {SYS_read, "read", true},
    {SYS_readv, "readv", true},
    {SYS_pread64, "pread64", true},
    {SYS_write, "write", true},
    {SYS_writev, "writev", true},
    {SYS_pwrite64, "pwrite64", true},
    {SYS_recvfrom, "recvfrom", true},
    {SYS_recvmsg, "recvmsg", true},
    {SYS_recvmmsg, "recvmmsg", true},
    {SYS_sendto, "sendto", true},
    {SYS_sendmsg, "sendmsg", true},
    {SYS_accept, "accept", true},
    {SYS_accept4, "accept4", true},
    {SYS_connect, "connect", true},
    {SYS_ioctl, "ioctl", true},
    {SYS_fcntl, "fcntl", true},
    {SYS_flock, "flock", true},
    {SYS_fsync, "fsync", true},
    {SYS_fdatasync, "fdatasync", true},
    {SYS_splice, "splice", true},
    {SYS_epoll_pwait, "epoll_pwait", true},
#ifdef SYS_epoll_pwait2
    {SYS_epoll_pwait2, "epoll_pwait2", true},
#endif
    {SYS_io_uring_enter, "io_uring_enter", true},
    {SYS_mq_timedreceive, "mq_timedreceive", true},
    {SYS_mq_timedsend, "mq_timedsend", true},
#ifdef SYS_epoll_wait
    {SYS_epoll_wait, "epoll_wait", true},
    {SYS_poll, "poll", false},
    {SYS_select, "select", false},
    {SYS_pause, "pause", false},
    {SYS_open, "open", false},
#endif
    {SYS_ppoll, "ppoll", false},
    {SYS_pselect6, "pselect6", false},
    {SYS_openat, "openat", false},
    {SYS_futex, "futex", false},
#ifdef SYS_futex_waitv
    {SYS_futex_waitv, "futex_waitv", false},
#endif
    {SYS_nanosleep, "nanosleep", false},
    {SYS_clock_nanosleep, "clock_nanosleep", false},
    {SYS_wait4, "wait4", false},
    {SYS_waitid, "waitid", false},
    {SYS_rt_sigsuspend, "rt_sigsuspend", false},
    {SYS_rt_sigtimedwait, "rt_sigtimedwait", false},
    {SYS_restart_syscall, "restart_syscall", false},
    {SYS_semop, "semop", false},
    {SYS_semtimedop, "semtimedop", false},
    {SYS_msgrcv, "msgrcv", false},
    {SYS_msgsnd, "msgsnd", false},
    {SYS_io_getevents, "io_getevents", false},
    {SYS_sched_yield, "sched_yield", false},
};

const KnownCall* find(long number) {
  const auto* const call =
      std::find_if(std::begin(kCalls), std::end(kCalls), [&](const KnownCall& each) { return each.number == number; });
  return call == std::end(kCalls) ? nullptr : call;
}

}  // namespace

std::string name_of_system_call(long number) {
  const KnownCall* const call = find(number);
  return call == nullptr ? "system call " + std::to_string(number) : call->name;
}

bool waits_for_descriptor(long number) {
  const KnownCall* const call = find(number);
  return call != nullptr && call->of_descriptor;
}

}  // namespace racetrack::host
