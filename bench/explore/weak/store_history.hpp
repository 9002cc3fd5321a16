// The stores of one atomic location that a load may read in weak memory.
//
// The modification order of a location is the order in which its stores were executed. A load may read store S unless a
// newer store N of the location must precede the load:
// - by happens-before and coherence (C++20, [intro.races] 14 to 18): some thread has written or read N, or a newer
//   store, and that access happens before the load. It is enough to know each thread's first access of N: if a later
//   one happens before the load, so does the first.
// - by the order S of seq_cst operations ([atomics.order] 3 and 4, as in P0668), which is their order of execution. The
//   load is coherence-ordered before N and before any read of N. Let B be N or such a read. If B is a seq_cst operation
//   Y, or happens before a seq_cst fence Y, and the load is a seq_cst operation X, or happens after a seq_cst fence X,
//   then X precedes Y in S; so Y must not have been executed before X. All other edges of coherence lead from earlier
//   to later executed operations, as S does.
//
// Two kinds of behaviour are left out: loads of stores that are executed later, and modification orders other than the
// order of execution.
//
// The same approach, with happens-before by vector clocks: relacy (Vyukov); Lidbury and Donaldson, POPL 2017 (tsan11);
// Luo and Demsky, ASPLOS 2021 (C11Tester). The fences of C++20: Wording by Boehm, Giroux and Vafeiades, P0668R5.
#pragma once

#include <algorithm>
#include <array>
#include <cstdint>
#include <limits>

#include "explore/happens_before/vector_clock.hpp"
#include "explore/weak/sc_fences.hpp"

namespace racetrack::explore {

__extension__ using Word128 = unsigned __int128;

/// For each thread, its own count when it first wrote or read a store.
class FirstAccesses {
 public:
  void clear() noexcept { std::fill_n(until_never_.begin(), clock_width.widest, 0); }
  /// Marks the store as accessed before every clock: count 0 of thread 0 is enough, because every clock includes it.
  void set_all() noexcept {
    clear();
    until_never_[0] = kNever;
  }
  void add(ThreadId thread, VectorClock::Count now) noexcept {
    if (until_never_[thread] == 0) until_never_[thread] = kNever - now;
  }
  /// Whether one of these accesses happens before the owner of `clock`.
  [[nodiscard]] bool known_to(const VectorClock& clock) const noexcept {
    unsigned known = 0;
    for (unsigned i = 0; i < clock_width.active; ++i)
      known |= static_cast<unsigned>(until_never_[i] >= kNever - clock[static_cast<ThreadId>(i)]);
    return known != 0;
  }

 private:
  static constexpr VectorClock::Count kNever = std::numeric_limits<VectorClock::Count>::max();
  /// kNever minus the count, so that 0 means never, as in entries that were never written (ClockWidth).
  alignas(16) std::array<VectorClock::Count, kMostThreads> until_never_{};
};

/// One store of the history.
struct Store {
  static constexpr std::uint32_t kNoScAccess = ~std::uint32_t{0};

  Word128 value = 0;
  VectorClock released;  ///< clock that an acquire load of it acquires: of its release sequence (C++20: RMWs only)
  FirstAccesses first_accesses;
  std::uint32_t sc_at = kNoScAccess;  ///< number of seq_cst fences before the first seq_cst access of it
  std::uint32_t step = 0;             ///< step of the store; 0: the value at the first access of the location
  ThreadId writer = 0;
};

/// The relation of a load to the order S.
struct ScView {
  bool seq_cst;  ///< the load itself is in S
  const ScFences& fences;
};

class StoreHistory {
 public:
  /// The number of stores that are kept. A load never returns an older one.
  static constexpr unsigned kKept = 8;

  /// Drops all stores and begins with the content of memory, which every thread knows.
  void begin(Word128 memory) noexcept {
    count_ = 1;
    Store& base = stores_[0];
    base.value = memory;
    base.released.clear();
    base.first_accesses.set_all();
    base.sc_at = Store::kNoScAccess;
    base.step = 0;
    base.writer = 0;
  }
  /// Drops all stores.
  void forget() noexcept { count_ = 0; }
  [[nodiscard]] bool empty() const noexcept { return count_ == 0; }
  /// Whether there have been more stores than are kept.
  [[nodiscard]] bool has_forgotten() const noexcept { return count_ > kKept; }

  /// The store that `newer` later ones have followed; 0 is the latest.
  [[nodiscard]] const Store& at(unsigned newer) const noexcept { return stores_[(count_ - 1 - newer) % kKept]; }
  [[nodiscard]] Store& at(unsigned newer) noexcept { return stores_[(count_ - 1 - newer) % kKept]; }

  /// Adds a new latest store. The caller sets its value and clocks.
  Store& add() noexcept {
    Store& added = stores_[count_++ % kKept];
    added.first_accesses.clear();
    added.sc_at = Store::kNoScAccess;
    return added;
  }

  /// The number of latest stores that happens-before and coherence allow a load to read. At least one.
  [[nodiscard]] unsigned coherent(const VectorClock& clock) const noexcept {
    const unsigned kept = std::min(count_, kKept);
    unsigned newer = 0;
    while (newer + 1 < kept && !at(newer).first_accesses.known_to(clock)) ++newer;
    return newer + 1;
  }
  /// The number of the latest `coherent` stores that the order S allows as well. At least one.
  [[nodiscard]] unsigned in_sc_order(unsigned coherent, const VectorClock& clock, const ScView& view) const noexcept {
    // A load outside S is bound by the latest fence that happens before it, one in S by all fences so far.
    const std::uint32_t bound = view.seq_cst ? view.fences.count() : view.fences.latest_known(clock);
    if (bound == 0 && !view.seq_cst) return coherent;
    unsigned newer = 0;
    while (newer + 1 < coherent && !precedes(at(newer), bound, view)) ++newer;
    return newer + 1;
  }

 private:
  /// Whether an access of the store, or a fence after one, precedes the load in S, or precedes the fence number `bound`
  /// that binds the load.
  [[nodiscard]] static bool precedes(const Store& store, std::uint32_t bound, const ScView& view) noexcept {
    const bool accessed = view.seq_cst ? store.sc_at != Store::kNoScAccess : store.sc_at < bound;
    return accessed || (bound != 0 && store.first_accesses.known_to(view.fences.known(bound)));
  }

  std::uint32_t count_ = 0;  ///< stores so far
  std::array<Store, kKept> stores_;
};

}  // namespace racetrack::explore
