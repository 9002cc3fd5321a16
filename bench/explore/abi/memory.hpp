// The memory model: which store a load reads, and which clock it acquires. This file has sequential consistency: a load
// reads the latest store, which is the content of memory, and orders weaker than seq_cst affect only happens-before.
// weak/location.hpp has the other model.
#pragma once

#include <cstdint>

#include "explore/abi/access.hpp"
#include "explore/weak/weak_memory.hpp"

namespace racetrack::explore {

inline bool acquires(int order) noexcept {
  return order == __ATOMIC_CONSUME || order == __ATOMIC_ACQUIRE || order == __ATOMIC_ACQ_REL ||
         order == __ATOMIC_SEQ_CST;
}
inline bool releases(int order) noexcept {
  return order == __ATOMIC_RELEASE || order == __ATOMIC_ACQ_REL || order == __ATOMIC_SEQ_CST;
}

/// Joins into `into` the clocks that a load of `size` bytes acquires where objects overlap: those of the latest store
/// to each byte.
void acquire_from_overlapping(const Cell& cell, std::uintptr_t address, std::size_t size, VectorClock& into) noexcept;

template <class Value>
void check_atomic(Cell& cell, std::uintptr_t address, AccessKind kind) {
  if (on_a_stack(address) && on_a_left_frame(address)) [[unlikely]]
    report_object_on_left_frame(address);
  if constexpr (sizeof(Value) > 8) {
    check_access_slowly(address, sizeof(Value), kind, runtime.current->caller);
  } else {
    check_access_in(cell, address, sizeof(Value), kind, runtime.current->caller);
  }
}

/// One atomic location, accessed by the current thread. Valid until the next scheduling point.
template <class Value>
class Location {
 public:
  explicit Location(const volatile Value* at) noexcept
      : at_(const_cast<Value*>(at)),
        address_(reinterpret_cast<std::uintptr_t>(at)),
        cell_(runtime.shadow.cell(address_)) {}

  [[nodiscard]] Value latest() const noexcept { return *at_; }

  /// Decides the value of a load. read() must follow.
  Value choose(int) const noexcept { return *at_; }
  /// Decides whether a compare-exchange succeeds. If not, it is a load that returns chosen().
  bool exchanges(Value expected, int, bool weak) const {
    return *at_ == expected && !(weak && runtime.scheduler.fails_spuriously());
  }
  [[nodiscard]] Value chosen() const noexcept { return *at_; }

  void read(int order) {
    check_atomic<Value>(cell_, address_, kAtomicRead);
    acquire(order);
  }
  /// The first half of a read-modify-write: it reads the latest store, in every memory model.
  void read_to_modify(int order) {
    check_atomic<Value>(cell_, address_, kAtomicWrite);
    acquire(order);
  }
  /// `continues`: this is the write of a read-modify-write, so the clocks that earlier releases published stay
  /// published (the release sequence).
  void write(Value value, int order, bool continues) {
    if (!continues) check_atomic<Value>(cell_, address_, kAtomicWrite);
    Thread& thread = *runtime.current;
    const VectorClock& published = releases(order) ? thread.clock : thread.released_by_fence;
    publish(cell_, address_, published, continues);
    if constexpr (sizeof(Value) > 8) {  // each half separately, so that loads of one half find it
      publish(runtime.shadow.cell(address_ + 8), address_ + 8, published, continues);
    }
    if (releases(order)) thread.clock.tick(thread.id);
    *at_ = value;
    runtime.scheduler.progress();
  }

 private:
  [[nodiscard]] static constexpr std::uint8_t size() noexcept { return sizeof(Value) > 8 ? 8 : sizeof(Value); }

  static void publish(Cell& cell, std::uintptr_t address, const VectorClock& published, bool continues) {
    SyncObject& object = object_in(cell, address);
    if (!continues) {
      object.released = published;
    } else {
      if (object.next != 0 || cell.object != 1 + static_cast<std::uint32_t>(&object - runtime.objects.data())) {
        acquire_from_overlapping(cell, address, size(), object.released);
      }
      object.released.join(published);
    }
    object.size = size();
    object.stored = runtime.scheduler.steps();
  }
  void acquire(int order) const noexcept {
    Thread& thread = *runtime.current;
    VectorClock& into = acquires(order) ? thread.clock : thread.read_relaxed;
    acquire_from_cell(cell_, address_, into);
    if constexpr (sizeof(Value) > 8) acquire_from_cell(runtime.shadow.cell(address_ + 8), address_ + 8, into);
  }
  static void acquire_from_cell(const Cell& cell, std::uintptr_t address, VectorClock& into) noexcept {
    if (cell.object == 0) return;  // no thread has published anything here
    const SyncObject& first = runtime.objects[cell.object - 1];
    if (first.address == address && first.next == 0) [[likely]] {
      into.join(first.released);
    } else {
      acquire_from_overlapping(cell, address, size(), into);
    }
  }

  Value* at_;
  std::uintptr_t address_;
  Cell& cell_;
};

inline void fence(int order) {
  Thread& thread = *runtime.current;
  if (acquires(order)) thread.clock.join(thread.read_relaxed);
  if (runtime.weak && order == __ATOMIC_SEQ_CST) add_sc_fence();
  if (releases(order)) {
    thread.released_by_fence = thread.clock;
    thread.clock.tick(thread.id);
  }
}

}  // namespace racetrack::explore
