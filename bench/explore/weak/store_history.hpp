// What a load of one atomic location may return in weak memory: its latest stores, and which of them nothing hides.
//
// The modification order of a location is the order in which its stores were executed. A load may read store S unless a newer store N
// of the location has come before it:
// - by happens-before and coherence (C++20, [intro.races] 14 to 18): some thread has written or read N, or what is newer, and that access
//   happens before the load. It is enough to know each thread's first access of N: if a later one happens before the load, so does the first.
// - by the order S of seq_cst operations ([atomics.order] 3 and 4, as P0668 has it), which is their order of execution. The load is
//   coherence-ordered before N and before whoever has read N. Where such an access B is a seq_cst operation Y, or happens before a seq_cst
//   fence Y, and the load is a seq_cst operation X, or happens after a seq_cst fence X, then X precedes Y in S; so Y must not have been
//   executed before X. All other edges of coherence lead from what was executed earlier to what was later, as S does.
// What is left out by that: loads of stores that are executed later, and modification orders other than the order of execution.
//
// The same with happens-before by vector clocks: relacy (Vyukov); Lidbury and Donaldson, POPL 2017 (tsan11); Luo and Demsky, ASPLOS 2021
// (C11Tester). The fences of C++20: Wording by Boehm, Giroux and Vafeiades, P0668R5.
#pragma once

#include <algorithm>
#include <array>
#include <cstdint>
#include <limits>

#include "explore/happens_before/vector_clock.hpp"
#include "explore/weak/sc_fences.hpp"

namespace racetrack::explore {

__extension__ using Word128 = unsigned __int128;

/// Per thread, its own count when it first wrote or read a store.
class FirstSights {
 public:
  void clear() noexcept { std::fill_n(until_never_.begin(), clock_width.widest, 0); }
  /// Everybody has, always: it is enough to know of thread 0, of which everybody knows.
  void set_all() noexcept {
    clear();
    until_never_[0] = kNever;
  }
  void add(ThreadId thread, VectorClock::Count now) noexcept {
    if (until_never_[thread] == 0) until_never_[thread] = kNever - now;
  }
  /// Does one of them happen before what knows `clock`?
  [[nodiscard]] bool known_to(const VectorClock& clock) const noexcept {
    unsigned known = 0;
    for (unsigned i = 0; i < clock_width.active; ++i)
      known |= static_cast<unsigned>(until_never_[i] >= kNever - clock[static_cast<ThreadId>(i)]);
    return known != 0;
  }

 private:
  static constexpr VectorClock::Count kNever = std::numeric_limits<VectorClock::Count>::max();
  /// kNever less the count: so that never is 0, as in entries that were never written (ClockWidth).
  alignas(16) std::array<VectorClock::Count, kMostThreads> until_never_{};
};

/// One store, as later loads find it.
struct Store {
  static constexpr std::uint32_t kNoScAccess = ~std::uint32_t{0};

  Word128 value = 0;
  VectorClock
      released;  ///< what an acquire load of it learns: its release sequence's (C++20: of read-modify-writes alone)
  FirstSights seen;
  std::uint32_t sc_at = kNoScAccess;  ///< seq_cst fences before the first seq_cst operation that wrote or read it
  std::uint32_t step = 0;             ///< in which it was executed; 0: what was there when the location was first met
  ThreadId writer = 0;
};

/// Threads' view of the order S.
struct ScView {
  bool seq_cst;  ///< the load itself is in S
  const ScFences& fences;
};

class StoreHistory {
 public:
  /// Stores that are kept: a load never returns an older one.
  static constexpr unsigned kKept = 8;

  /// Forgets all stores but what lies in memory, which everybody knows.
  void begin(Word128 memory) noexcept {
    count_ = 1;
    Store& base = stores_[0];
    base.value = memory;
    base.released.clear();
    base.seen.set_all();
    base.sc_at = Store::kNoScAccess;
    base.step = 0;
    base.writer = 0;
  }
  /// Nothing is known any more, not even what lies there.
  void forget() noexcept { count_ = 0; }
  [[nodiscard]] bool empty() const noexcept { return count_ == 0; }
  /// Have there been more stores than are kept?
  [[nodiscard]] bool has_forgotten() const noexcept { return count_ > kKept; }

  /// The latest store is `newer` 0.
  [[nodiscard]] const Store& at(unsigned newer) const noexcept { return stores_[(count_ - 1 - newer) % kKept]; }
  [[nodiscard]] Store& at(unsigned newer) noexcept { return stores_[(count_ - 1 - newer) % kKept]; }

  /// Room for a new latest store: its clocks are the caller's to set.
  Store& add() noexcept {
    Store& added = stores_[count_++ % kKept];
    added.seen.clear();
    added.sc_at = Store::kNoScAccess;
    return added;
  }

  /// How many of the latest stores a load may return, as far as happens-before and coherence go. At least one.
  [[nodiscard]] unsigned coherent(const VectorClock& clock) const noexcept {
    const unsigned kept = std::min(count_, kKept);
    unsigned newer = 0;
    while (newer + 1 < kept && !at(newer).seen.known_to(clock)) ++newer;
    return newer + 1;
  }
  /// Of the latest `coherent` stores, how many the order S leaves. At least one.
  [[nodiscard]] unsigned in_sc_order(unsigned coherent, const VectorClock& clock, const ScView& view) const noexcept {
    // A load outside of S is bound by the latest fence that happens before it, one in S by all that there are.
    const std::uint32_t bound = view.seq_cst ? view.fences.count() : view.fences.latest_known(clock);
    if (bound == 0 && !view.seq_cst) return coherent;
    unsigned newer = 0;
    while (newer + 1 < coherent && !precedes(at(newer), bound, view)) ++newer;
    return newer + 1;
  }

 private:
  /// Is an access of the store, or a fence after one, in S before the load, or before the fence number `bound` that binds it?
  [[nodiscard]] static bool precedes(const Store& store, std::uint32_t bound, const ScView& view) noexcept {
    const bool accessed = view.seq_cst ? store.sc_at != Store::kNoScAccess : store.sc_at < bound;
    return accessed || (bound != 0 && store.seen.known_to(view.fences.known(bound)));
  }

  std::uint32_t count_ = 0;  ///< of stores so far
  std::array<Store, kKept> stores_;
};

}  // namespace racetrack::explore
