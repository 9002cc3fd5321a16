// Threads of the subject as fibers of one system thread. Each fiber has a stack, and the thread-local storage of a
// parked system thread. A switch exchanges the stack pointer and the base of thread-local storage.
#pragma once

#include <cstddef>
#include <cstdint>

#include <vector>

#include <pthread.h>

#include "explore/world/snapshot.hpp"
#include "explore/world/thread_storage.hpp"

namespace racetrack::explore {

struct Fiber {
  void* stack_pointer = nullptr;     ///< where it was suspended
  std::uintptr_t storage = 0;        ///< base of its thread-local storage (FS)
  std::uintptr_t stack_bottom = 0;   ///< lowest address of the stack
  std::uintptr_t stack_top = 0;      ///< where the stack of a new run begins
  std::uintptr_t lowest = 0;         ///< the lowest address that the stack is known to have reached since
  pthread_t handle{};                ///< of the parked system thread
  Snapshot control;                  ///< its control block and the adjacent thread-local variables, including libc's
  std::vector<StorageBlock> blocks;  ///< thread-local variables elsewhere
};

/// Creates the system thread whose stack is [base, base + size), and parks it. The fiber's stack, of the usual size, is
/// below the frames of the parked thread.
void make_fiber(Fiber& fiber, std::uintptr_t base, std::size_t size);
/// Called between runs. Makes at least `size` bytes of the stack accessible, at most kLargestStack. Memory below them
/// cannot be accessed.
void set_stack_size(Fiber& fiber, std::size_t size) noexcept;
/// The next switch to the fiber calls entry(), which must not return. Its thread-local storage is that of a new thread.
/// The first 16 KiB of its stack hold `fill`, so that an uninitialised lock is not a valid one, and the rest is zero.
void restart_fiber(Fiber& fiber, void (*entry)(), unsigned char fill);
/// Makes a Fiber of the calling system thread, which drives all others.
void adopt_this_thread(Fiber& fiber);
/// Suspends the running fiber and resumes another one.
void switch_fiber(Fiber& from, const Fiber& to) noexcept;

}  // namespace racetrack::explore
