// The memory model: which store a load reads, and what it learns by that. Here: sequential consistency. A load reads the latest
// store, which is what lies in memory; orders weaker than seq_cst matter for happens-before alone. weak/location.hpp is the other model.
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

template <class Value>
void check_atomic(Cell& cell, std::uintptr_t address, AccessKind kind) {
  if constexpr (sizeof(Value) > 8) {
    check_access_slowly(address, sizeof(Value), kind);
  } else {
    check_access_in(cell, address, sizeof(Value), kind);
  }
}

/// One atomic location, seen by the current thread. Valid until the next scheduling point.
template <class Value>
class Location {
 public:
  explicit Location(const volatile Value* at) noexcept
      : at_(const_cast<Value*>(at)),
        address_(reinterpret_cast<std::uintptr_t>(at)),
        cell_(runtime.shadow.cell(address_)) {}

  [[nodiscard]] Value latest() const noexcept { return *at_; }

  /// Decides what a load returns: the first of two steps, the other is read().
  Value choose(int) const noexcept { return *at_; }
  /// Decides whether a compare-exchange succeeds. If not, it is a load that returns chosen().
  bool exchanges(Value expected, int, bool weak) const {
    return *at_ == expected && !(weak && runtime.scheduler.whim());
  }
  [[nodiscard]] Value chosen() const noexcept { return *at_; }

  void read(int order) {
    check_atomic<Value>(cell_, address_, kAtomicRead);
    learn(order);
  }
  /// The first half of a read-modify-write: it reads the latest store, in every memory model.
  void read_to_modify(int order) {
    check_atomic<Value>(cell_, address_, kAtomicWrite);
    learn(order);
  }
  /// `continues`: it is the second half of a read-modify-write, so that what earlier releases published stays published (the
  /// release sequence).
  void write(Value value, int order, bool continues) {
    if (!continues) check_atomic<Value>(cell_, address_, kAtomicWrite);
    SyncObject& object = object_in(cell_, address_);
    Thread& thread = *runtime.current;
    const VectorClock& published = releases(order) ? thread.clock : thread.released_by_fence;
    if (continues) {
      object.released.join(published);
    } else {
      object.released = published;
    }
    if (releases(order)) thread.clock.tick(thread.id);
    *at_ = value;
    runtime.scheduler.progress();
  }

 private:
  void learn(int order) const noexcept {
    if (cell_.object == 0) return;  // nobody has published anything here
    const SyncObject& object = object_in(cell_, address_);
    Thread& thread = *runtime.current;
    (acquires(order) ? thread.clock : thread.read_relaxed).join(object.released);
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
