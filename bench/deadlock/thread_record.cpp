#include "deadlock/thread_record.hpp"

#include "deadlock/arena.hpp"

namespace racetrack::deadlock {

const char* name_of(Kind kind) noexcept {
  switch (kind) {
    case Kind::none: return "none";
    case Kind::mutex: return "mutex";
    case Kind::rwlock_read: return "rwlock_read";
    case Kind::rwlock_write: return "rwlock_write";
    case Kind::once: return "once";
    case Kind::join: return "join";
    case Kind::condition: return "condition";
    case Kind::semaphore: return "semaphore";
    case Kind::barrier: return "barrier";
    case Kind::futex: return "futex";
  }
  return "unknown";
}

void ThreadRecord::grow() noexcept {
  const std::uint32_t capacity = held_capacity == 0 ? 16 : held_capacity * 2;
  Held* const wider = static_cast<Held*>(arena_allocate(capacity * sizeof(Held)));
  Held* const narrow = held.load(std::memory_order_relaxed);
  for (std::uint32_t i = 0; i < held_capacity; ++i) copy(narrow[i], wider[i]);
  held_capacity = capacity;
  // Release, after the slots; a reader loads `held_count` first, then this (acquire).
  held.store(wider, std::memory_order_release);
}

ThreadRecord* ThreadTable::add() noexcept {
  const RawGuard guard(lock_);
  ThreadRecord* record = free_;
  if (record != nullptr) {
    free_ = record->next_free;
  } else {
    const std::size_t index = size_.load(std::memory_order_relaxed);
    if (index == kMostThreads) return nullptr;
    record = new (arena_allocate(sizeof(ThreadRecord))) ThreadRecord;
    records_[index].store(record, std::memory_order_release);
    size_.store(index + 1, std::memory_order_release);
  }
  record->serial = ++serials_;
  record->thread_id.store(0, std::memory_order_relaxed);
  record->thread_id_before_fork = 0;
  record->handle.store(0, std::memory_order_relaxed);
  record->name[0] = '\0';
  record->joined.store(false, std::memory_order_relaxed);
  record->end.store(ThreadRecord::End::none, std::memory_order_relaxed);
  record->cancel_requested.store(false, std::memory_order_relaxed);
  record->stale.store(false, std::memory_order_relaxed);
  record->in_detector = false;
  record->state.store(ThreadRecord::State::live, std::memory_order_release);
  live_.fetch_add(1, std::memory_order_seq_cst);
  return record;
}

void ThreadTable::end(ThreadRecord& record) noexcept {
  const RawGuard guard(lock_);
  live_.fetch_sub(1, std::memory_order_seq_cst);
  if (record.held_count.load(std::memory_order_relaxed) > 0) {
    record.state.store(ThreadRecord::State::ended, std::memory_order_release);
    return;
  }
  record.state.store(ThreadRecord::State::free, std::memory_order_release);
  record.next_free = free_;
  free_ = &record;
}

void ThreadTable::keep_only(ThreadRecord* survivor) noexcept {
  lock_.reset();
  free_ = nullptr;  // another thread may have been changing the list during the fork
  for (std::size_t i = 0; i < size(); ++i) {
    ThreadRecord& record = (*this)[i];
    if (&record == survivor) continue;
    if (record.waits()) record.withdraw();
    const bool is_free = record.state.load(std::memory_order_relaxed) == ThreadRecord::State::free;
    const bool holds = !is_free && record.held_count.load(std::memory_order_relaxed) > 0;
    if (record.state.load(std::memory_order_relaxed) == ThreadRecord::State::live) {
      record.end.store(ThreadRecord::End::not_forked, std::memory_order_relaxed);
    }
    // Its locks remain locked in the child.
    record.state.store(holds ? ThreadRecord::State::ended : ThreadRecord::State::free, std::memory_order_relaxed);
    if (holds) continue;
    record.next_free = free_;
    free_ = &record;
  }
  live_.store(survivor == nullptr ? 0 : 1, std::memory_order_relaxed);
}

}  // namespace racetrack::deadlock
