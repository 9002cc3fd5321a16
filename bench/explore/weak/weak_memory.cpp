#include "explore/weak/weak_memory.hpp"

#include <array>

#include "explore/abi/memory.hpp"
#include "explore/runtime.hpp"

namespace racetrack::explore {
namespace {

bool is_seq_cst(int order) noexcept { return order == __ATOMIC_SEQ_CST; }

/// The number of latest stores that the current thread may read.
unsigned visible(const AtomicObject& object, int order) {
  const VectorClock& clock = runtime.current->clock;
  const unsigned coherent = object.stores.coherent(clock);
  if (coherent == 1) return 1;
  if (object.overlaps) {
    runtime.scheduler.leave_out(Untried::mixed_sizes);
    return 1;
  }
  // The order of two loads in S is observable, because the first limits the stores that the second may read.
  if (is_seq_cst(order)) touch({Touch::Kind::write, object.address, object.size});
  const unsigned count = object.stores.in_sc_order(coherent, clock, {is_seq_cst(order), runtime.sc_fences});
  if (count == StoreHistory::kKept && object.stores.has_forgotten()) runtime.scheduler.leave_out(Untried::old_stores);
  return count;
}

/// Whether the current thread must read the latest store, so that stores become visible in a finite time.
bool must_read_latest() {
  if (runtime.current->repeated_reads < kMostRepeatedReads) return false;
  runtime.scheduler.leave_out(Untried::repeated_loads);
  return true;
}

void enter_sc_order(Store& store) {
  touch({Touch::Kind::read, kPseudoScOrder});
  if (store.sc_at == Store::kNoScAccess) store.sc_at = runtime.sc_fences.count();
}

}  // namespace

unsigned choose_store(const AtomicObject& object, int order) {
  const unsigned count = visible(object, order);
  if (count == 1 || must_read_latest()) return 0;
  return runtime.scheduler.read(count);
}

unsigned choose_store_unequal(const AtomicObject& object, int order, Word128 expected, bool weak) {
  const unsigned count = visible(object, order);
  if (count == 1 || must_read_latest()) return 0;
  std::array<unsigned, StoreHistory::kKept> candidates{};
  unsigned found = 1;
  for (unsigned newer = 1; newer < count; ++newer) {
    if (weak || object.stores.at(newer).value != expected) candidates[found++] = newer;
  }
  return found == 1 ? 0 : candidates[runtime.scheduler.read(found)];
}

void record_stale_read(const AtomicObject& object, unsigned newer) {
  EventLog& log = runtime.events;
  const Store &read = object.stores.at(newer), &latest = object.stores.at(0);
  log.stale_reads.push_back({.step = read.step,
                             .writer = read.writer,
                             .newer = newer,
                             .latest_step = latest.step,
                             .latest_writer = latest.writer,
                             .latest_value = static_cast<std::uint64_t>(latest.value)});
  log.events.back().stale = static_cast<std::uint32_t>(log.stale_reads.size());
}

void read_store(AtomicObject& object, unsigned newer, int order) {
  Thread& thread = *runtime.current;
  Store& store = object.stores.at(newer);
  (acquires(order) ? thread.clock : thread.read_relaxed)
      .join(object.overlaps ? runtime.stores.released_by_all(object) : store.released);
  store.first_accesses.add(thread.id, thread.clock[thread.id]);
  if (is_seq_cst(order)) enter_sc_order(store);
}

void add_store(AtomicObject& object, Word128 value, int order, bool continues) {
  Thread& thread = *runtime.current;
  const VectorClock& published = releases(order) ? thread.clock : thread.released_by_fence;
  const Store* const before = continues ? &object.stores.at(0) : nullptr;
  Store& store = object.stores.add();
  store.value = value;
  store.released = published;
  if (before != nullptr) store.released.join(before->released);
  if (continues && object.overlaps) store.released.join(runtime.stores.released_by_all(object));
  store.first_accesses.add(thread.id, thread.clock[thread.id]);
  store.step = runtime.scheduler.steps();
  store.writer = thread.id;
  if (is_seq_cst(order)) enter_sc_order(store);
  if (releases(order)) thread.clock.tick(thread.id);
}

void add_sc_fence() {
  const Thread& thread = *runtime.current;
  touch({Touch::Kind::write, kPseudoScOrder});
  runtime.sc_fences.add(thread.id, thread.clock);
}

void observe_latest(std::uintptr_t address, std::uint32_t size) {
  const Cell& cell = runtime.shadow.cell(address);
  AtomicObject* const object = runtime.stores.known(cell, address, size);
  if (object == nullptr || object->stores.empty()) return;
  const Thread& thread = *runtime.current;
  object->stores.at(0).first_accesses.add(thread.id, thread.clock[thread.id]);
}

}  // namespace racetrack::explore
