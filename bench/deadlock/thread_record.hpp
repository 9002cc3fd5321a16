// What the detector knows of one thread: the locks it holds and what it waits for. Written by that thread alone, read by all.
//
// A thread that waits changes nothing here until its wait is over, so a reader who has seen the wait (acquire) sees all that
// went before it. What is read of a thread that does not wait may be torn; such a thread is in no deadlock, and every
// finding is confirmed by reading `Want::sequence` again.
#pragma once

#include <atomic>
#include <cstddef>
#include <cstdint>

#include "deadlock/raw.hpp"

namespace racetrack::deadlock {

enum class Kind : std::uint8_t {
  none,
  mutex,
  rwlock_read,
  rwlock_write,
  once,
  join,
  condition,
  semaphore,
  barrier,
  futex,
};

/// As in the report.
const char* name_of(Kind kind) noexcept;

struct Stack {
  static constexpr std::uint32_t kMostFrames = 32;
  std::uint32_t count = 0;
  std::uintptr_t frames[kMostFrames] = {};
};

/// One lock held. The fields are atomic only to make racing reads harmless: relaxed throughout, see the head of this file.
struct Held {
  std::atomic<std::uintptr_t> address;  ///< 0: released by somebody else
  std::atomic<std::uintptr_t> at;       ///< where the lock call returns to
  std::atomic<const Stack*> stack;      ///< of the lock call, or nullptr
  std::atomic<Kind> kind;
};

struct ThreadRecord;

/// What a thread is about to wait for. `sequence` is odd while it stands.
struct Want {
  std::atomic<std::uint64_t> sequence{0};
  std::atomic<Kind> kind{Kind::none};
  std::atomic<std::uintptr_t> address{0};
  std::atomic<std::uintptr_t> mutex{0};              ///< condition: what it will lock again
  std::atomic<const ThreadRecord*> thread{nullptr};  ///< join: whose end
  std::atomic<bool> behind_writers{false};           ///< rwlock_read: waiting writers go first
  std::atomic<bool> shared{false};                   ///< another process could end the wait
  std::atomic<bool> suspect{false};  ///< a cycle stands if a woken waiter of a condition waits for its mutex
  Stack stack;
};

struct ThreadRecord {
  enum class State : std::uint8_t {
    free,
    live,
    ended,  ///< with locks still held
  };

  /// How a thread ended that still held locks.
  enum class End : std::uint8_t {
    none,      ///< it runs
    returned,  ///< from its function
    exited,    ///< by pthread_exit
    cancelled,
    not_forked,  ///< it is a thread of the parent, and was not copied by fork
  };

  std::atomic<State> state{State::free};
  std::atomic<End> end{End::none};
  std::atomic<bool> cancel_requested{false};
  std::atomic<bool> stale{false};  ///< another thread has released a lock that is on record here
  std::uint32_t serial = 0;        ///< 1, 2, ... in order of creation
  std::atomic<std::uint32_t> thread_id{0};
  std::uint32_t thread_id_before_fork = 0;
  std::atomic<unsigned long> handle{0};  ///< its pthread_t
  std::atomic<bool> joined{false};       ///< somebody waits for its end
  std::atomic<bool> supervises{false};   ///< counts as waiting while it sleeps, see Interface
  char name[16] = {};                    ///< kept when it ends

  std::atomic<Held*> held{nullptr};
  std::atomic<std::uint32_t> held_count{0};
  std::uint32_t held_capacity = 0;

  Want want;
  void (*begin_function)() = nullptr;  ///< of a thread that is being created, and its argument
  void* begin_argument = nullptr;
  bool inside = false;             ///< the detector itself is at work in this thread: calls pass through
  std::uint64_t* known = nullptr;  ///< acquisitions that the lock order has seen, see OrderWatch
  ThreadRecord* next_free = nullptr;
  std::uint32_t mark = 0;      ///< of the search, under its lock
  std::uint64_t reported = 0;  ///< the wait that was part of a report, under the reporter's lock

  void push(std::uintptr_t address, Kind kind, std::uintptr_t at, const Stack* stack) noexcept {
    if (!has_room()) [[unlikely]]
      grow();
    put(address, kind, at, stack);
  }
  [[nodiscard]] bool has_room() const noexcept { return held_count.load(std::memory_order_relaxed) != held_capacity; }
  /// There is room.
  void put(std::uintptr_t address, Kind kind, std::uintptr_t at, const Stack* stack) noexcept {
    const std::uint32_t count = held_count.load(std::memory_order_relaxed);
    Held& slot = held.load(std::memory_order_relaxed)[count];
    slot.address.store(address, std::memory_order_relaxed);
    slot.at.store(at, std::memory_order_relaxed);
    slot.stack.store(stack, std::memory_order_relaxed);
    slot.kind.store(kind, std::memory_order_relaxed);
    held_count.store(count + 1, std::memory_order_release);  // after the slot: a reader takes `held_count` first
  }

  /// The latest hold of `address`, or nullptr.
  [[nodiscard]] Held* find(std::uintptr_t address) const noexcept {
    Held* const slots = held.load(std::memory_order_relaxed);
    for (std::uint32_t i = held_count.load(std::memory_order_relaxed); i-- > 0;) {
      if (slots[i].address.load(std::memory_order_relaxed) == address) return &slots[i];
    }
    return nullptr;
  }

  /// Takes out what find() found. Holds that somebody else released go with it.
  void remove(Held* hold) noexcept {
    Held* const slots = held.load(std::memory_order_relaxed);
    std::uint32_t count = held_count.load(std::memory_order_relaxed) - 1;
    for (Held* slot = hold; slot != slots + count; ++slot) copy(slot[1], slot[0]);
    while (count > 0 && slots[count - 1].address.load(std::memory_order_relaxed) == 0) --count;
    held_count.store(count, std::memory_order_release);
  }

  /// Takes out all holds for which still_held(hold) is false. Only by the thread itself.
  template <class StillHeld>
  void keep_holds(StillHeld still_held) noexcept {
    Held* const slots = held.load(std::memory_order_relaxed);
    const std::uint32_t count = held_count.load(std::memory_order_relaxed);
    std::uint32_t kept = 0;
    for (std::uint32_t i = 0; i < count; ++i) {
      if (!still_held(slots[i])) continue;
      if (kept != i) copy(slots[i], slots[kept]);
      ++kept;
    }
    held_count.store(kept, std::memory_order_release);
  }

  /// Takes out the latest hold of all if it is of `address`.
  bool pop_top(std::uintptr_t address) noexcept {
    const std::uint32_t count = held_count.load(std::memory_order_relaxed);
    if (count == 0) return false;
    const Held& top = held.load(std::memory_order_relaxed)[count - 1];
    if (top.address.load(std::memory_order_relaxed) != address) return false;
    held_count.store(count - 1, std::memory_order_release);
    return true;
  }
  /// Takes out the latest hold of `address`. False when it is not held.
  bool pop(std::uintptr_t address) noexcept {
    if (pop_top(address)) return true;
    Held* const hold = find(address);
    if (hold == nullptr) return false;
    remove(hold);
    return true;
  }

  [[nodiscard]] bool waits() const noexcept { return (want.sequence.load(std::memory_order_acquire) & 1) != 0; }

  /// The fields of `want` are set: it stands from here, for every thread that looks after its own publish().
  void publish() noexcept {
    const std::uint64_t next = want.sequence.load(std::memory_order_relaxed) + 1;
    want.sequence.store(next, std::memory_order_release);
    // Two threads that each publish and then look at the other's wait: at least one must see it.
    std::atomic_thread_fence(std::memory_order_seq_cst);
  }
  void withdraw() noexcept {
    want.suspect.store(false, std::memory_order_relaxed);
    const std::uint64_t next = want.sequence.load(std::memory_order_relaxed) + 1;
    want.sequence.store(next, std::memory_order_release);
  }

 private:
  static void copy(const Held& from, Held& to) noexcept {
    to.address.store(from.address.load(std::memory_order_relaxed), std::memory_order_relaxed);
    to.at.store(from.at.load(std::memory_order_relaxed), std::memory_order_relaxed);
    to.stack.store(from.stack.load(std::memory_order_relaxed), std::memory_order_relaxed);
    to.kind.store(from.kind.load(std::memory_order_relaxed), std::memory_order_relaxed);
  }
  void grow() noexcept;
};

/// All threads of this process, in the order of their records. Records are reused, never taken away.
class ThreadTable {
 public:
  static constexpr std::size_t kMostThreads = 65536;

  /// A live record with the next serial, or nullptr when there are kMostThreads. Thread-safe.
  ThreadRecord* add() noexcept;
  /// The thread has ended. A record that holds locks stays. Thread-safe.
  void end(ThreadRecord& record) noexcept;
  /// In the child of a fork: all but `survivor` are gone. `survivor` may be nullptr.
  void keep_only(ThreadRecord* survivor) noexcept;

  [[nodiscard]] std::size_t size() const noexcept { return size_.load(std::memory_order_acquire); }
  [[nodiscard]] ThreadRecord& operator[](std::size_t index) const noexcept {
    return *records_[index].load(std::memory_order_acquire);
  }
  [[nodiscard]] std::int32_t live() const noexcept { return live_.load(std::memory_order_seq_cst); }

  /// For a reader in another process: the offsets in a table of its size() and of the address of its first record.
  static constexpr std::size_t size_offset() noexcept { return offsetof(ThreadTable, size_); }
  static constexpr std::size_t records_offset() noexcept { return offsetof(ThreadTable, records_); }

 private:
  std::atomic<std::size_t> size_{0};
  std::atomic<std::int32_t> live_{0};
  std::atomic<ThreadRecord*> records_[kMostThreads] = {};
  ThreadRecord* free_ = nullptr;
  std::uint32_t serials_ = 0;
  RawLock lock_;
};

}  // namespace racetrack::deadlock
