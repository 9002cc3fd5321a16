// The state of one thread: the locks that it holds and its wait. Only that thread writes it; all threads read it.
//
// A waiting thread changes nothing here until its wait is over. A reader that sees the wait (acquire) therefore sees
// all earlier changes. Data read from a thread that does not wait may be inconsistent. Such a thread is in no deadlock,
// and every finding is confirmed by reading `Want::sequence` again.
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

/// Returns the name used in the report.
const char* name_of(Kind kind) noexcept;

struct Stack {
  static constexpr std::uint32_t kMostFrames = 32;
  std::uint32_t count = 0;
  std::uintptr_t frames[kMostFrames] = {};
};

/// One lock held. The fields are atomic only to make concurrent reads defined. All accesses are relaxed; see the top of
/// this file.
struct Held {
  std::atomic<std::uintptr_t> address;  ///< 0: another thread released it
  std::atomic<std::uintptr_t> at;       ///< return address of the lock call
  std::atomic<const Stack*> stack;      ///< stack of the lock call, or nullptr
  std::atomic<Kind> kind;
  std::uint64_t
      sum;  ///< of this hold and all before it, see ThreadRecord::sum_of_holds; 0: not known. Only its thread reads it.
};

struct ThreadRecord;

/// The wait that a thread is in or about to begin. `sequence` is odd during the wait.
struct Want {
  std::atomic<std::uint64_t> sequence{0};
  std::atomic<Kind> kind{Kind::none};
  std::atomic<std::uintptr_t> address{0};
  std::atomic<std::uintptr_t> mutex{0};              ///< condition: the mutex to lock again
  std::atomic<const ThreadRecord*> thread{nullptr};  ///< join: the thread to wait for
  std::atomic<bool> behind_writers{false};           ///< rwlock_read: waiting writers have priority
  std::atomic<bool> shared{false};                   ///< another process can end the wait
  /// In a cycle that is a deadlock if a waiter woken from a condition waits for its mutex.
  std::atomic<bool> suspect{false};
  Stack stack;
};

struct ThreadRecord {
  enum class State : std::uint8_t {
    free,
    live,
    ended,  ///< has ended but still holds locks
  };

  /// How a thread that still held locks ended.
  enum class End : std::uint8_t {
    none,      ///< it has not ended
    returned,  ///< from its function
    exited,    ///< by pthread_exit
    cancelled,
    not_forked,  ///< a thread of the parent process that fork did not copy
  };

  std::atomic<State> state{State::free};
  std::atomic<End> end{End::none};
  std::atomic<bool> cancel_requested{false};
  std::atomic<bool> stale{false};  ///< another thread has released a lock that is recorded here
  std::uint32_t serial = 0;        ///< 1, 2, ... in order of creation
  std::atomic<std::uint32_t> thread_id{0};
  std::uint32_t thread_id_before_fork = 0;
  std::atomic<unsigned long> handle{0};  ///< its pthread_t
  std::atomic<bool> joined{false};       ///< a thread waits for its end
  std::atomic<bool> supervises{false};   ///< counts as waiting while it sleeps, see Interface::supervise
  char name[16] = {};                    ///< set when it ends

  std::atomic<Held*> held{nullptr};
  std::atomic<std::uint32_t> held_count{0};
  std::uint32_t held_capacity = 0;

  Want want;
  void (*begin_function)() = nullptr;  ///< function of a thread that is being created; begin_argument is its argument
  void* begin_argument = nullptr;
  bool in_detector = false;        ///< the detector itself runs in this thread: calls pass through
  std::uint64_t* known = nullptr;  ///< acquisitions that the lock order contains already, see order_watch.cpp
  ThreadRecord* next_free = nullptr;
  std::uint32_t mark = 0;      ///< mark of the search, under the search's lock
  std::uint64_t reported = 0;  ///< sequence of the wait that was reported, under the reporter's lock

  void push(std::uintptr_t address, Kind kind, std::uintptr_t at, const Stack* stack) noexcept {
    if (!has_room()) [[unlikely]]
      grow();
    put(address, kind, at, stack);
  }
  [[nodiscard]] bool has_room() const noexcept { return held_count.load(std::memory_order_relaxed) != held_capacity; }
  /// Requires has_room().
  void put(std::uintptr_t address, Kind kind, std::uintptr_t at, const Stack* stack) noexcept {
    const std::uint32_t count = held_count.load(std::memory_order_relaxed);
    Held& slot = held.load(std::memory_order_relaxed)[count];
    slot.address.store(address, std::memory_order_relaxed);
    slot.at.store(at, std::memory_order_relaxed);
    slot.stack.store(stack, std::memory_order_relaxed);
    slot.kind.store(kind, std::memory_order_relaxed);
    slot.sum = 0;
    // After the slot: a reader loads `held_count` first (acquire).
    held_count.store(count + 1, std::memory_order_release);
  }

  /// Returns one more than the sum of trait_of(hold) over all holds, modulo 2^64. Calls trait_of only for holds that
  /// are new or have moved since the last call, so its cost does not depend on their number. Call it only in the thread
  /// itself.
  template <class TraitOf>
  [[nodiscard]] std::uint64_t sum_of_holds(TraitOf trait_of) noexcept {
    Held* const slots = held.load(std::memory_order_relaxed);
    const std::uint32_t count = held_count.load(std::memory_order_relaxed);
    std::uint32_t known_until = count;
    while (known_until > 0 && slots[known_until - 1].sum == 0) --known_until;
    std::uint64_t sum = known_until == 0 ? 1 : slots[known_until - 1].sum;  // not 0, which means unknown
    for (std::uint32_t i = known_until; i < count; ++i) {
      sum += trait_of(slots[i]);
      slots[i].sum = sum;
    }
    return sum;
  }
  /// Discards the sums, because the traits of holds have changed.
  void forget_sums() noexcept {
    Held* const slots = held.load(std::memory_order_relaxed);
    for (std::uint32_t i = held_count.load(std::memory_order_relaxed); i-- > 0;) slots[i].sum = 0;
  }

  /// Returns the latest hold of `address`, or nullptr.
  [[nodiscard]] Held* find(std::uintptr_t address) const noexcept {
    Held* const slots = held.load(std::memory_order_relaxed);
    for (std::uint32_t i = held_count.load(std::memory_order_relaxed); i-- > 0;) {
      if (slots[i].address.load(std::memory_order_relaxed) == address) return &slots[i];
    }
    return nullptr;
  }

  /// Removes a hold that find() returned, and the last holds if other threads released them.
  void remove(Held* hold) noexcept {
    Held* const slots = held.load(std::memory_order_relaxed);
    std::uint32_t count = held_count.load(std::memory_order_relaxed) - 1;
    for (Held* slot = hold; slot != slots + count; ++slot) copy(slot[1], slot[0]);
    while (count > 0 && slots[count - 1].address.load(std::memory_order_relaxed) == 0) --count;
    held_count.store(count, std::memory_order_release);
  }

  /// Removes all holds for which still_held(hold) is false. Call it only in the thread itself.
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

  /// Removes the latest hold if it is of `address`; else returns false.
  bool pop_top(std::uintptr_t address) noexcept {
    const std::uint32_t count = held_count.load(std::memory_order_relaxed);
    if (count == 0) return false;
    const Held& top = held.load(std::memory_order_relaxed)[count - 1];
    if (top.address.load(std::memory_order_relaxed) != address) return false;
    held_count.store(count - 1, std::memory_order_release);
    return true;
  }
  /// Removes the latest hold of `address`. Returns false when there is none.
  bool pop(std::uintptr_t address) noexcept {
    if (pop_top(address)) return true;
    Held* const hold = find(address);
    if (hold == nullptr) return false;
    remove(hold);
    return true;
  }

  [[nodiscard]] bool waits() const noexcept { return (want.sequence.load(std::memory_order_acquire) & 1) != 0; }

  /// Begins the wait described by `want`. It becomes visible to every thread that searches after its own publish().
  void publish() noexcept {
    const std::uint64_t next = want.sequence.load(std::memory_order_relaxed) + 1;
    want.sequence.store(next, std::memory_order_release);
    // Two threads each publish a wait and then read the other's: at least one must see the other's wait. So the fence
    // is seq_cst in both.
    std::atomic_thread_fence(std::memory_order_seq_cst);
  }
  void withdraw() noexcept {
    want.suspect.store(false, std::memory_order_relaxed);
    const std::uint64_t next = want.sequence.load(std::memory_order_relaxed) + 1;
    want.sequence.store(next, std::memory_order_release);
  }

 private:
  /// Copies a hold to another position. Resets its sum, because the holds below may differ.
  static void copy(const Held& from, Held& to) noexcept {
    to.sum = 0;
    to.address.store(from.address.load(std::memory_order_relaxed), std::memory_order_relaxed);
    to.at.store(from.at.load(std::memory_order_relaxed), std::memory_order_relaxed);
    to.stack.store(from.stack.load(std::memory_order_relaxed), std::memory_order_relaxed);
    to.kind.store(from.kind.load(std::memory_order_relaxed), std::memory_order_relaxed);
  }
  void grow() noexcept;
};

/// All thread records of this process, in order of allocation. Records are reused, never removed.
class ThreadTable {
 public:
  static constexpr std::size_t kMostThreads = 65536;

  /// Returns a live record with the next serial, or nullptr when there are kMostThreads. Thread-safe.
  ThreadRecord* add() noexcept;
  /// Marks the thread as ended. A record that holds locks is kept. Thread-safe.
  void end(ThreadRecord& record) noexcept;
  /// Call it in the child of a fork: ends all threads except `survivor`, which may be nullptr.
  void keep_only(ThreadRecord* survivor) noexcept;

  [[nodiscard]] std::size_t size() const noexcept { return size_.load(std::memory_order_acquire); }
  [[nodiscard]] ThreadRecord& operator[](std::size_t index) const noexcept {
    return *records_[index].load(std::memory_order_acquire);
  }
  [[nodiscard]] std::int32_t live() const noexcept { return live_.load(std::memory_order_seq_cst); }

  /// For a reader in another process: the offsets of the size and of the first record's address in a table.
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
