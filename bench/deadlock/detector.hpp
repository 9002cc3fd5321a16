// The detector of this process: the functions that the interposed functions call.
#pragma once

#include <atomic>
#include <cstdint>

#include <pthread.h>

#include "deadlock/cancellable.h"
#include "deadlock/real.hpp"
#include "deadlock/thread_record.hpp"

#define RACETRACK_DEADLOCK_INTERPOSED extern "C" __attribute__((visibility("default")))
/// Return address of the interposed call.
#define RACETRACK_DEADLOCK_CALLER reinterpret_cast<std::uintptr_t>(__builtin_return_address(0))

namespace racetrack::deadlock {

struct Settings {
  bool order = false;
  bool stacks = false;
  bool end_process = false;
};

extern Settings settings;
extern ThreadTable threads;

/// This thread's record. With the initial-exec model, access needs no call and no allocation; the library is loaded
/// with the program.
extern constinit thread_local ThreadRecord* self __attribute__((tls_model("initial-exec")));

/// Registers a thread that the detector has not seen before. Returns its record, or nullptr when its calls must pass
/// through.
ThreadRecord* register_thread() noexcept;

/// Returns this thread's record, or nullptr when the call must pass through unwatched: the detector itself is running
/// in this thread, or the thread is ending. Afterwards `real` is resolved.
inline ThreadRecord* this_thread() noexcept {
  ThreadRecord* const thread = self;
  if (thread == nullptr) [[unlikely]]
    return register_thread();
  return thread->in_detector ? nullptr : thread;
}

/// False when settings require stacks, lock orders or disturbances.
extern std::atomic<bool> records_only;
/// Returns whether a lock call of `thread` only needs to be recorded. False for an unregistered thread and while calls
/// pass through.
inline bool needs_record_only(const ThreadRecord* thread) noexcept {
  return thread != nullptr && !thread->in_detector && records_only.load(std::memory_order_relaxed);
}

/// During the life of this object, calls of this thread pass through unwatched.
class PassThrough {
 public:
  explicit PassThrough(ThreadRecord& thread) noexcept : thread_(thread), before_(thread.in_detector) {
    thread.in_detector = true;
  }
  ~PassThrough() { thread_.in_detector = before_; }
  PassThrough(const PassThrough&) = delete;
  PassThrough& operator=(const PassThrough&) = delete;

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

/// A wait without a time-out. Covers the real call. The constructor may report a deadlock and end the process.
class Waiting {
 public:
  Waiting(ThreadRecord& thread, const WaitFor& want, std::uintptr_t at) noexcept;
  ~Waiting() { end(); }
  /// Ends the wait, or declares that there was none.
  void end() noexcept;
  Waiting(const Waiting&) = delete;
  Waiting& operator=(const Waiting&) = delete;

 private:
  ThreadRecord* thread_;
};

/// Ends the wait of `thread`, if it is in one, after cancellation.
void end_wait(ThreadRecord& thread) noexcept;

/// Calls wait(), a cancellation point, and records it as a wait for `want`.
template <class Wait>
int wait_cancellable(ThreadRecord& thread, const WaitFor& want, std::uintptr_t at, Wait wait) {
  return call_cancellable(
      [&] {
        Waiting waiting(thread, want, at);
        return wait();
      },
      [&] { end_wait(thread); });
}

/// Removes from the record of `thread`, the calling thread, the locks that other threads have released.
void drop_stale_holds(ThreadRecord& thread) noexcept;

/// Returns the stack of a lock call.
const Stack* stack_of_call(ThreadRecord& thread, std::uintptr_t at) noexcept;

/// Updates the lock order after `thread` took a lock and before it records the lock. Call it only for locks that
/// `thread` would have waited for, so not for a try-lock or a lock with a time-out.
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

/// Records that `thread` took a lock. `would_wait`: the call was neither a try-lock nor had a time-out.
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

/// Forgets the lock at `address`, which `thread` destroys or initialises. `thread` may still hold it on record: after a
/// fork, a child reinitialises locks that its parent held.
void forget_lock(ThreadRecord& thread, std::uintptr_t address) noexcept;

/// Handles that `thread` releases a lock that it does not hold on record.
void released_unheld(ThreadRecord& thread, std::uintptr_t address, Kind kind, std::uintptr_t at) noexcept;

/// Makes a record for a thread that is about to be created. Returns nullptr when there are too many threads.
ThreadRecord* expect_thread() noexcept;
/// Rolls back expect_thread() when thread creation failed.
void cancel_expected_thread(ThreadRecord& thread) noexcept;
/// Call it first in the new thread.
void begin_thread(ThreadRecord& thread) noexcept;
/// Returns the record of the live thread with this handle, or nullptr.
ThreadRecord* find_thread(pthread_t handle) noexcept;

/// Returns the number of waits without a time-out.
std::int32_t waiting_threads() noexcept;

/// Returns the record of the live thread with this kernel id, or nullptr.
ThreadRecord* find_task(std::uint32_t thread_id) noexcept;

}  // namespace racetrack::deadlock
