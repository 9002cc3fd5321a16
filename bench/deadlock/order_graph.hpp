// The order in which threads take locks. An edge from lock a to lock b means that a thread took b while it held a. A
// cycle of edges from distinct threads can deadlock, with two exceptions: a gate lock, held by two of these threads,
// prevents the overlap; or the threads take the shared locks only for reading (Havelund 2000; Agarwal, Wang, Stoller
// 2005; Bensalem, Havelund 2005).
//
// A lock is identified by its address and a stamp, which changes when the memory at that address becomes another lock.
#pragma once

#include <cstddef>
#include <cstdint>

#include "deadlock/arena.hpp"
#include "deadlock/thread_record.hpp"

namespace racetrack::deadlock {

/// One acquisition of a lock by a thread.
struct Taken {
  std::uint64_t stamp;
  std::uintptr_t address;
  std::uintptr_t at;   ///< return address of the call
  const Stack* stack;  ///< stack of the call, or nullptr; never freed
  Kind kind;           ///< mutex, rwlock_read or rwlock_write
};

struct ThreadTag {
  std::uint32_t serial;
  std::uint32_t thread_id;
  char name[16];
};

/// One edge of a cycle: `thread` took `second` while it held `first`.
struct OrderEdge {
  ThreadTag thread;
  Taken first, second;
};

/// Consecutive cycles: cycle i ends before edges[ends[i]].
struct OrderCycles {
  Array<OrderEdge> edges;
  Array<std::size_t> ends;
};

/// Not thread-safe. A zero-initialised graph is empty.
class OrderGraph {
 public:
  /// Returns a new identity for the lock at `address`, never 0. Forgets the lock that was there before, with its edges.
  std::uint64_t identify(std::uintptr_t address) noexcept;
  /// Returns the identity of the lock at `address`, or 0.
  [[nodiscard]] std::uint64_t identity(std::uintptr_t address) noexcept;
  [[nodiscard]] bool is_current(std::uint64_t stamp, std::uintptr_t address) const noexcept;
  /// Removes the lock at `address`, if it is in the graph.
  void forget(std::uintptr_t address) noexcept;

  /// Records that `thread`, which holds `held[0..count)`, took `wanted` and would have waited for it. Sets `cycles` to
  /// the new cycles that this closes and that were not found before, each with an edge of this thread first.
  void add(const ThreadTag& thread, const Taken* held, std::size_t count, const Taken& wanted,
           OrderCycles& cycles) noexcept;

  [[nodiscard]] std::size_t lock_count() const noexcept { return locks_.size() - free_locks_.size(); }
  [[nodiscard]] std::size_t edge_count() const noexcept { return edges_.size() - free_edges_.size(); }

 private:
  static constexpr std::uint32_t kNone = ~0U;
  static constexpr std::size_t kLongestCycle = 32;
  static constexpr std::size_t kThreadsPerWay = 8;    ///< maximum number of threads kept for the same locks
  static constexpr std::size_t kMostSteps = 200'000;  ///< of one search, which then stops
  static constexpr std::size_t kMostCycles = 64;      ///< of one search

  struct Lock {
    std::uintptr_t address;
    std::uint32_t generation;
    std::uint32_t first_out, first_in;  ///< edges
    std::uint32_t mark;
  };
  struct Edge {
    std::uint32_t from, to;
    std::uint32_t next_out, next_in;
    std::uint32_t first_way;
  };
  /// The locks held at one acquisition. The edges that it made share them.
  struct Gates {
    std::uint32_t begin, count;  ///< in gate_locks_
  };
  struct GateLock {
    std::uint64_t stamp;
    Kind kind;
  };
  /// One acquisition that produced an edge: a thread and all locks that it held.
  struct Way {
    ThreadTag thread;
    Taken first, second;
    Gates gates;
    std::uint32_t next;
  };

  std::uint32_t edge_between(std::uint32_t from, std::uint32_t to) noexcept;
  bool add_way(std::uint32_t edge, const Way& way) noexcept;
  bool same_gates(const Way& a, const Way& b) const noexcept;
  bool can_overlap(const Way& a, const Way& b) const noexcept;
  bool reaches(std::uint32_t from, std::uint32_t to) noexcept;
  void extend_path(std::uint32_t lock, std::uint32_t target, OrderCycles& cycles) noexcept;
  bool is_new_path() noexcept;
  void remove_edge(std::uint32_t edge) noexcept;

  Array<Lock> locks_;
  Array<std::uint32_t> free_locks_;
  HashMap lock_at_;
  Array<Edge> edges_;
  Array<std::uint32_t> free_edges_;
  HashMap edge_of_;
  Array<Way> ways_;
  Array<std::uint32_t> free_ways_;
  Array<GateLock> gate_locks_;
  Array<std::uint32_t> path_;   ///< ways on the path of the current search
  Array<std::uint32_t> queue_;  ///< locks to visit in the current search
  std::uint32_t mark_ = 0;
  std::size_t steps_ = 0;
  HashMap reported_;
};

}  // namespace racetrack::deadlock
