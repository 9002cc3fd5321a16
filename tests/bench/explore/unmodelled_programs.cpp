// System calls that the explorer does not model. Each test must end as inconclusive.
#include <atomic>
#include <cstdint>
#include <thread>

#include <fcntl.h>
#include <linux/futex.h>
#include <sched.h>
#include <semaphore.h>
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
