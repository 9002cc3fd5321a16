#include "explore/waiting.hpp"

#include <algorithm>
#include <array>
#include <bit>

#include <pthread.h>

namespace racetrack::explore {
namespace {

bool can_continue(const Thread& thread, const SyncObject& object) noexcept {
  switch (thread.wait) {
    case Wait::mutex:
    case Wait::guard: return object.owner == SyncObject::kNoOwner;
    case Wait::read_lock: return admits_readers(object);
    case Wait::write_lock: return object.owner == SyncObject::kNoOwner && object.readers == 0;
    case Wait::semaphore: return object.value > 0;
    default: return thread.notified;
  }
}

bool prefers_writers(const SyncObject& object) noexcept {
  return reinterpret_cast<const pthread_rwlock_t*>(object.address)->__data.__flags ==
         PTHREAD_RWLOCK_PREFER_WRITER_NONRECURSIVE_NP;
}

bool a_writer_waits(const SyncObject& object) noexcept {
  for (ThreadSet set = object.waiters; set != 0; set &= set - 1) {
    const Thread& thread = runtime.threads[static_cast<unsigned>(std::countr_zero(set))];
    if (thread.wait == Wait::write_lock && !thread.timed_out) return true;
  }
  return false;
}

bool waits_for_lock(Wait kind) noexcept {
  return kind == Wait::mutex || kind == Wait::read_lock || kind == Wait::write_lock || kind == Wait::guard;
}

}  // namespace

bool has_sleeper(const SyncObject& object) noexcept {
  for (ThreadSet set = object.waiters; set != 0; set &= set - 1) {
    if (!runtime.threads[static_cast<unsigned>(std::countr_zero(set))].notified) return true;
  }
  return false;
}

bool admits_readers(const SyncObject& object) noexcept {
  return object.owner == SyncObject::kNoOwner && !(prefers_writers(object) && a_writer_waits(object));
}

bool wait_for(Wait kind, SyncObject& object, std::uint64_t deadline, std::uint32_t mask) {
  Thread& thread = current_thread();
  thread.wait = kind;
  thread.awaited = object.address;
  thread.deadline = deadline;
  thread.mask = mask;
  thread.timed_out = thread.notified = false;
  object.waiters |= thread.bit();
  if (waits_for_lock(kind)) {
    note(Operation::block, object.address, object.owner >= 0 ? static_cast<std::uint64_t>(object.owner) : kNotHeld);
  }
  // Other threads cannot observe that a thread waits for a mutex.
  if (kind != Wait::mutex || deadline != Thread::kNever) touch({Touch::Kind::write, object.address});
  runtime.scheduler.block({object.address, true});
  // A futex operation may have moved it to another object.
  (thread.awaited == object.address ? object : object_at(thread.awaited)).waiters &= ~thread.bit();
  thread.wait = Wait::nothing;
  thread.deadline = Thread::kNever;
  return !thread.timed_out;
}

void refresh_waiters(SyncObject& object) {
  record_change();
  runtime.scheduler.progress();
  for (ThreadSet set = object.waiters; set != 0; set &= set - 1) {
    Thread& thread = runtime.threads[static_cast<unsigned>(std::countr_zero(set))];
    if (thread.timed_out) continue;
    const bool can = (runtime.scheduler.runnable() & thread.bit()) != 0;
    if (can_continue(thread, object) == can) continue;
    if (can) {
      runtime.scheduler.make_blocked(thread);
    } else {
      runtime.scheduler.make_runnable(thread);
    }
  }
}

unsigned notify(SyncObject& object, unsigned count, std::uint32_t mask) {
  record_change();
  runtime.scheduler.progress();
  unsigned woken = 0;
  for (; woken < count; ++woken) {
    std::array<Thread*, kMostThreads> waiters;
    unsigned waiting = 0;
    for (ThreadSet set = object.waiters; set != 0; set &= set - 1) {
      Thread& thread = runtime.threads[static_cast<unsigned>(std::countr_zero(set))];
      if (!thread.notified && !thread.timed_out && (thread.mask & mask) != 0) waiters[waiting++] = &thread;
    }
    if (waiting == 0) break;
    Thread& chosen = *waiters[count >= waiting ? 0 : runtime.scheduler.pick(waiting)];
    chosen.notified = true;
    runtime.scheduler.make_runnable(chosen);
  }
  return woken;
}

unsigned move_waiters(SyncObject& from, SyncObject& to, unsigned count) {
  unsigned moved = 0;
  for (ThreadSet set = from.waiters; set != 0 && moved < count; set &= set - 1) {
    Thread& thread = runtime.threads[static_cast<unsigned>(std::countr_zero(set))];
    if (thread.notified || thread.timed_out) continue;
    from.waiters &= ~thread.bit();
    to.waiters |= thread.bit();
    thread.awaited = to.address;
    ++moved;
  }
  return moved;
}

}  // namespace racetrack::explore
