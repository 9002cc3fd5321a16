#include "deadlock/wait_graph.hpp"

namespace racetrack::deadlock {
namespace {

struct Step {
  ThreadRecord* thread;
  std::uint64_t sequence;  ///< sequence of its wait
  std::uint32_t parent;    ///< index of the previous step
  bool certain;
};

RawLock search_lock;
Array<Step> steps;  // breadth first, so that the shortest cycle is found
std::uint32_t search_mark = 0;

bool blocks(Kind wanted, Kind held) noexcept {
  switch (wanted) {
    case Kind::rwlock_read: return held == Kind::rwlock_write;
    case Kind::rwlock_write: return held == Kind::rwlock_write || held == Kind::rwlock_read;
    default: return held == wanted;
  }
}

bool holds(const ThreadRecord& thread, std::uintptr_t address, Kind wanted, const LockFacts& facts) noexcept {
  const std::uint32_t count = thread.held_count.load(std::memory_order_acquire);
  const Held* const held = thread.held.load(std::memory_order_acquire);
  for (std::uint32_t i = 0; i < count; ++i) {
    if (held[i].address.load(std::memory_order_relaxed) != address) continue;
    const Kind kind = held[i].kind.load(std::memory_order_relaxed);
    if (blocks(wanted, kind) && facts.still_held(thread, address, kind)) return true;
  }
  return false;
}

/// Returns whether `writer` waits for the lock: readers must then wait behind it.
bool queued_before(const ThreadRecord& writer, std::uintptr_t address) noexcept {
  return writer.waits() && writer.want.kind.load(std::memory_order_relaxed) == Kind::rwlock_write &&
         writer.want.address.load(std::memory_order_relaxed) == address;
}

/// Calls visit(thread, certain) for each thread that must act before `waiter` can continue.
template <class Visit>
void for_each_obstacle(const ThreadTable& table, const ThreadRecord& waiter, const LockFacts& facts, Visit&& visit) {
  const Want& want = waiter.want;
  Kind kind = want.kind.load(std::memory_order_relaxed);
  std::uintptr_t address = want.address.load(std::memory_order_relaxed);
  bool certain = true;
  switch (kind) {
    case Kind::join:
      for (std::size_t i = 0; i < table.size(); ++i) {
        if (&table[i] == want.thread.load(std::memory_order_relaxed)) visit(table[i], true);
      }
      return;
    case Kind::condition: {
      const Answer again = facts.locks_again(waiter);
      if (again == Answer::no) certain = false;  // the waiter may be woken while the rest of the cycle stays blocked
      if (again == Answer::unknown) certain = false;
      kind = Kind::mutex;
      address = want.mutex.load(std::memory_order_relaxed);
      break;
    }
    case Kind::mutex:
    case Kind::rwlock_read:
    case Kind::rwlock_write:
    case Kind::once: break;
    default: return;
  }
  const bool behind_writers = kind == Kind::rwlock_read && want.behind_writers.load(std::memory_order_relaxed);
  for (std::size_t i = 0; i < table.size(); ++i) {
    ThreadRecord& thread = table[i];
    if (thread.state.load(std::memory_order_acquire) == ThreadRecord::State::free) continue;
    if (holds(thread, address, kind, facts) ||
        (behind_writers && &thread != &waiter && queued_before(thread, address))) {
      visit(thread, certain);
    }
  }
}

/// Sets `cycle` to the steps from the first to `last`.
void retrace(std::uint32_t last, Cycle& cycle) noexcept {
  std::size_t length = 1;
  for (std::uint32_t i = last; i != 0; i = steps[i].parent) ++length;
  cycle.threads.resize(length);
  cycle.sequences.resize(length);
  for (std::uint32_t i = last; length-- > 0; i = steps[i].parent) {
    cycle.threads[length] = steps[i].thread;
    cycle.sequences[length] = steps[i].sequence;
  }
}

/// One pass of the search. The caller prefers a cycle of certain waits: the pass takes uncertain steps only if
/// `allow_uncertain`.
bool search(const ThreadTable& table, ThreadRecord& start, const LockFacts& facts, bool allow_uncertain,
            Cycle& cycle) noexcept {
  ++search_mark;
  steps.clear();
  steps.push({&start, 0, 0, true});
  ThreadRecord* gone = nullptr;
  bool alive = false, found = false;
  for (std::uint32_t i = 0; i < steps.size() && !found; ++i) {
    ThreadRecord& waiter = *steps[i].thread;
    const std::uint64_t before = waiter.want.sequence.load(std::memory_order_acquire);
    if ((before & 1) == 0) continue;
    steps[i].sequence = before;
    const std::size_t known = steps.size();
    for_each_obstacle(table, waiter, facts, [&](ThreadRecord& obstacle, bool certain) {
      if (found || (!certain && !allow_uncertain)) return;
      if (obstacle.state.load(std::memory_order_acquire) == ThreadRecord::State::ended) {
        if (&waiter == &start && waiter.want.kind.load(std::memory_order_relaxed) != Kind::condition) gone = &obstacle;
        return;
      }
      if (&waiter == &start) alive = true;
      if (&obstacle == &start) {
        cycle.certain = certain && steps[i].certain;
        found = true;
        return;
      }
      if (obstacle.mark == search_mark || &obstacle == &waiter) return;
      obstacle.mark = search_mark;
      steps.push({&obstacle, 0, i, certain && steps[i].certain});
    });
    // The wait ended during the reads, so the results are void.
    if (waiter.want.sequence.load(std::memory_order_acquire) != before) {
      steps.resize(known);
      found = false;
    }
    if (found) retrace(i, cycle);
  }
  cycle.abandoned = false;
  if (!found && gone != nullptr && !alive) {
    retrace(0, cycle);
    cycle.threads.push(gone);
    cycle.sequences.push(0);
    cycle.abandoned = cycle.certain = found = true;
  }
  return found;
}

}  // namespace

bool find_cycle(const ThreadTable& table, ThreadRecord& start, const LockFacts& facts, Cycle& cycle) noexcept {
  const RawGuard guard(search_lock);
  return search(table, start, facts, false, cycle) || search(table, start, facts, true, cycle);
}

bool same_cycle(const Cycle& a, const Cycle& b) noexcept {
  if (a.threads.size() != b.threads.size() || a.certain != b.certain) return false;
  for (std::size_t i = 0; i < a.threads.size(); ++i) {
    if (a.threads[i] != b.threads[i] || a.sequences[i] != b.sequences[i]) return false;
  }
  return true;
}

void reset_search_lock() noexcept {
  if (search_lock.is_locked()) steps = {};  // another thread may have been changing it during the fork
  search_lock.reset();
}

}  // namespace racetrack::deadlock
