// The detector of this process: what the interposed functions call.
#pragma once

#include <atomic>
#include <cstdint>

#include <pthread.h>

#include "deadlock/cancellable.h"
#include "deadlock/real.hpp"
#include "deadlock/thread_record.hpp"

#define RACETRACK_DEADLOCK_INTERPOSED extern "C" __attribute__((visibility("default")))
/// Where the interposed call returns to.
#define RACETRACK_DEADLOCK_CALLER reinterpret_cast<std::uintptr_t>(__builtin_return_address(0))

namespace racetrack::deadlock {

struct Settings {
  bool order = false;
  bool stacks = false;
  bool end_process = false;
};

extern Settings settings;
extern ThreadTable threads;

/// This thread's record. initial-exec: no call and no allocation behind it; the library is loaded with the program.
extern constinit thread_local ThreadRecord* self __attribute__((tls_model("initial-exec")));

/// The record of a thread seen for the first time; nullptr when its calls pass through.
ThreadRecord* meet_thread() noexcept;

/// This thread's record, or nullptr when the call must pass through: the detector itself is at work, or the thread is ending.
/// `real` is there afterwards.
inline ThreadRecord* this_thread() noexcept {
  ThreadRecord* const thread = self;
  if (thread == nullptr) [[unlikely]]
    return meet_thread();
  return thread->inside ? nullptr : thread;
}

/// False when stacks, the order of locks or disturbances are wanted as well.
extern std::atomic<bool> books_only;
/// A record is all that a lock call of `thread` needs. False for a thread not met yet, and while calls pass through.
inline bool keeps_books_only(const ThreadRecord* thread) noexcept {
  return thread != nullptr && !thread->inside && books_only.load(std::memory_order_relaxed);
}

/// While it lives, calls of this thread pass through.
class Inside {
 public:
  explicit Inside(ThreadRecord& thread) noexcept : thread_(thread), before_(thread.inside) { thread.inside = true; }
  ~Inside() { thread_.inside = before_; }
  Inside(const Inside&) = delete;
  Inside& operator=(const Inside&) = delete;

 private:
  ThreadRecord& thread_;
  bool before_;
};

struct WaitFor {
  Kind kind;
  std::uintptr_t address;
  std::uintptr_t mutex = 0;
  ThreadRecord* thread = nullptr;
  bool behind_writers = false;
  bool shared = false;
};

/// A wait without a time-out, from just before the real call to just after it. May report a deadlock, and end the process.
class Waiting {
 public:
  Waiting(ThreadRecord& thread, const WaitFor& want, std::uintptr_t at) noexcept;
  ~Waiting() { end(); }
  /// The wait was none, or is over.
  void end() noexcept;
  Waiting(const Waiting&) = delete;
  Waiting& operator=(const Waiting&) = delete;

 private:
  ThreadRecord* thread_;
};

/// The wait of `thread` is over, if it was in one: it has been cancelled.
void end_wait(ThreadRecord& thread) noexcept;

/// Calls wait(), a cancellation point, as a wait for `want`.
template <class Wait>
int wait_cancellable(ThreadRecord& thread, const WaitFor& want, std::uintptr_t at, Wait wait) {
  return call_cancellable(
      [&] {
        Waiting waiting(thread, want, at);
        return wait();
      },
      [&] { end_wait(thread); });
}

/// Takes the locks off the record of `thread`, the calling one, that other threads have released.
void drop_stale_holds(ThreadRecord& thread) noexcept;

/// The stack of a lock call, when settings.stacks asks for one.
const Stack* stack_of_call(ThreadRecord& thread, std::uintptr_t at) noexcept;

/// After `thread` took a lock, which it has not yet recorded. `would_wait`: it was no try-lock and had no time-out.
void watch_order(ThreadRecord& thread, std::uintptr_t address, Kind kind, std::uintptr_t at,
                 const Stack* stack) noexcept;

/// See Interface::disturb_with.
extern std::atomic<void (*)() noexcept> disturbance;
inline void disturb() noexcept {
  if (const auto act = disturbance.load(std::memory_order_relaxed)) [[unlikely]]
    act();
}

/// See Interface::supervise.
void supervise(bool on) noexcept;
extern std::atomic<bool> supervised;

/// Records a lock that was taken.
inline void took(ThreadRecord& thread, std::uintptr_t address, Kind kind, std::uintptr_t at, bool would_wait) noexcept {
  if (thread.stale.load(std::memory_order_relaxed)) [[unlikely]]
    drop_stale_holds(thread);
  const Stack* stack = nullptr;
  if (settings.stacks) [[unlikely]]
    stack = stack_of_call(thread, at);
  if (settings.order && would_wait && thread.held_count.load(std::memory_order_relaxed) > 0) {
    watch_order(thread, address, kind, at, stack);
  }
  thread.push(address, kind, at, stack);
  disturb();
}

/// The lock at `address` is destroyed or initialised by `thread`, which no longer holds it: after a fork, a child makes the locks
/// that its parent held new.
void forget_lock(ThreadRecord& thread, std::uintptr_t address) noexcept;

/// `thread` releases a lock that it is not known to hold.
void released_unheld(ThreadRecord& thread, std::uintptr_t address, Kind kind, std::uintptr_t at) noexcept;

/// A thread is about to be created; nullptr when there are too many.
ThreadRecord* expect_thread() noexcept;
/// It was not.
void expect_no_thread(ThreadRecord& thread) noexcept;
/// In the new thread, first of all.
void begin_thread(ThreadRecord& thread) noexcept;
/// The thread with that handle, as long as it lives.
ThreadRecord* find_thread(pthread_t handle) noexcept;

/// Counts of waits without a time-out.
std::int32_t waiting_threads() noexcept;

/// Which record, if any, has this kernel id.
ThreadRecord* find_task(std::uint32_t thread_id) noexcept;

}  // namespace racetrack::deadlock
