// The memory model: which store a load reads, and what it learns by that. Here: sequential consistency. A load reads the latest
// store, which is what lies in memory; orders weaker than seq_cst matter for happens-before alone. A weaker model would keep a
// location's earlier stores, each with its clock, and let load() choose among those that are not hidden.
#pragma once

#include <cstdint>

#include "explore/abi/access.hpp"

namespace racetrack::explore {

inline bool acquires(int order) noexcept {
  return order == __ATOMIC_CONSUME || order == __ATOMIC_ACQUIRE || order == __ATOMIC_ACQ_REL ||
         order == __ATOMIC_SEQ_CST;
}
inline bool releases(int order) noexcept {
  return order == __ATOMIC_RELEASE || order == __ATOMIC_ACQ_REL || order == __ATOMIC_SEQ_CST;
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

  /// What a load returns.
  Value load(int order) noexcept {
    check(kAtomicRead);
    learn(order);
    return *at_;
  }
  /// `continues`: it is the second half of a read-modify-write, so that what earlier releases published stays published (the
  /// release sequence).
  void store(Value value, int order, bool continues) noexcept {
    if (!continues) check(kAtomicWrite);
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
  /// The first half of a read-modify-write: it reads the latest store, in every memory model.
  Value load_to_modify(int order) noexcept {
    check(kAtomicWrite);
    learn(order);
    return *at_;
  }

 private:
  void check(AccessKind kind) const {
    if constexpr (sizeof(Value) > 8) {
      check_access_slowly(address_, sizeof(Value), kind);
    } else {
      check_access_in(cell_, address_, sizeof(Value), kind);
    }
  }
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

inline void fence(int order) noexcept {
  Thread& thread = *runtime.current;
  if (acquires(order)) thread.clock.join(thread.read_relaxed);
  if (releases(order)) {
    thread.released_by_fence = thread.clock;
    thread.clock.tick(thread.id);
  }
}

}  // namespace racetrack::explore
