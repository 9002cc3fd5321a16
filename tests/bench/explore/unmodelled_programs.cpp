// System calls that the explorer does not model. Each test must end as inconclusive.
#include <atomic>
#include <csignal>
#include <cstdint>
#include <thread>

#include <fcntl.h>
#include <linux/futex.h>
#include <poll.h>
#include <pthread.h>
#include <sched.h>
#include <semaphore.h>
#include <sys/select.h>
#include <sys/syscall.h>
#include <unistd.h>

#include <racetrack/explore.hpp>

RACETRACK_EXPLORE(futex_with_priority_inheritance) {
  std::atomic<int> word = 0;
  syscall(SYS_futex, &word, FUTEX_LOCK_PI_PRIVATE, 0, nullptr, nullptr, 0);
}
RACETRACK_EXPLORE(clone_by_function) {
  alignas(16) static char stack[16384];
  clone([](void*) { return 0; }, stack + sizeof stack, CLONE_VM | CLONE_FS | CLONE_FILES, nullptr);
}
RACETRACK_EXPLORE(clone_by_system_call) { syscall(SYS_clone3, nullptr, 0); }
RACETRACK_EXPLORE(process_by_vfork) {
  if (vfork() == 0) _exit(0);
}
RACETRACK_EXPLORE(named_semaphore) {
  if (sem_open("/racetrack_test", O_CREAT, 0600U, 1U) == SEM_FAILED) return;
}
RACETRACK_EXPLORE(poll_with_mask) {
  pollfd none{};
  const timespec soon{0, 1};
  ppoll(&none, 0, &soon, nullptr);
}
RACETRACK_EXPLORE(select_with_mask) {
  const timespec soon{0, 1};
  pselect(0, nullptr, nullptr, nullptr, &soon, nullptr);
}
RACETRACK_EXPLORE(signal_mask_suspends) {
  sigset_t none;
  sigemptyset(&none);
  sigsuspend(&none);
}
RACETRACK_EXPLORE(signal_waited_for_in_time) {
  sigset_t none;
  sigemptyset(&none);
  const timespec soon{0, 1};
  sigtimedwait(&none, nullptr, &soon);
}
RACETRACK_EXPLORE(sleep_by_system_call) {
  const timespec soon{0, 1};
  syscall(SYS_nanosleep, &soon, nullptr);
}
RACETRACK_EXPLORE(stack_larger_than_any) {
  pthread_attr_t attributes;
  pthread_attr_init(&attributes);
  pthread_attr_setstacksize(&attributes, std::size_t{256} << 20);
  pthread_t thread{};
  pthread_create(
      &thread, &attributes, [](void*) -> void* { return nullptr; }, nullptr);
}
