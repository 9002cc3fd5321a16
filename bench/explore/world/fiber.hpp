// Threads of the subject as fibers of one system thread: each has a stack, and the thread-local storage of a system thread of
// its own that sleeps for ever. To switch is to exchange the stack pointer and the base of thread-local storage.
#pragma once

#include <cstddef>
#include <cstdint>

#include <vector>

#include <pthread.h>

#include "explore/world/snapshot.hpp"
#include "explore/world/thread_storage.hpp"

namespace racetrack::explore {

struct Fiber {
  void* stack_pointer = nullptr;     ///< where it stopped
  std::uintptr_t storage = 0;        ///< base of its thread-local storage (FS)
  std::uintptr_t stack_bottom = 0;   ///< lowest address of the stack
  std::uintptr_t stack_top = 0;      ///< where a new run begins
  std::uintptr_t lowest = 0;         ///< address that the stack is known to have reached since
  pthread_t handle{};                ///< of the parked system thread
  Snapshot control;                  ///< its control block and the thread-local variables next to it, libc's included
  std::vector<StorageBlock> blocks;  ///< thread-local variables elsewhere
};

/// Makes the system thread whose stack is [base, base + size), and parks it. Its fiber may run below where it sleeps.
void make_fiber(Fiber& fiber, std::uintptr_t base, std::size_t size);
/// The next switch to it calls entry(), which must not return. Its thread-local storage is as that of a new thread. Of its stack, the first 16 KiB hold
/// `fill`, so that an uninitialised lock is not a valid one, and the rest is zero.
void restart_fiber(Fiber& fiber, void (*entry)(), unsigned char fill);
/// For the system thread that drives everything.
void adopt_this_thread(Fiber& fiber);
/// Leaves the running fiber for another.
void switch_fiber(Fiber& from, const Fiber& to) noexcept;

}  // namespace racetrack::explore
