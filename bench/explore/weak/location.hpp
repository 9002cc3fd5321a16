// One atomic location in weak memory, accessed by the current thread. The interface of abi/memory.hpp, with a choice of
// the store that a load reads.
#pragma once

#include <array>
#include <cstdint>

#include "explore/abi/memory.hpp"
#include "explore/weak/weak_memory.hpp"

namespace racetrack::explore {

/// Valid until the next scheduling point.
template <class Value>
class WeakLocation {
 public:
  explicit WeakLocation(const volatile Value* at)
      : at_(const_cast<Value*>(at)),
        address_(reinterpret_cast<std::uintptr_t>(at)),
        cell_(runtime.shadow.cell(address_)),
        object_(runtime.stores.at(cell_, address_, sizeof(Value), static_cast<Word128>(*at_))) {}

  [[nodiscard]] Value latest() const noexcept { return *at_; }
  [[nodiscard]] Value chosen() const noexcept { return static_cast<Value>(object_.stores.at(newer_).value); }

  Value choose(int order) {
    newer_ = choose_store(object_, order);
    return chosen();
  }
  bool exchanges(Value expected, int failure_order, bool weak) {
    newer_ = choose_store_unequal(object_, failure_order, static_cast<Word128>(expected), weak);
    return newer_ == 0 && latest() == expected && !(weak && runtime.scheduler.fails_spuriously());
  }

  void read(int order) {
    if (newer_ != 0 && runtime.recording) [[unlikely]]
      record_stale_read(object_, newer_);
    check_atomic<Value>(cell_, address_, kAtomicRead);
    read_store(object_, newer_, order);
  }
  void read_to_modify(int order) {
    check_atomic<Value>(cell_, address_, kAtomicWrite);
    read_store(object_, 0, order);
  }
  void write(Value value, int order, bool continues) {
    if (!continues) check_atomic<Value>(cell_, address_, kAtomicWrite);
    add_store(object_, static_cast<Word128>(value), order, continues);
    *at_ = value;
    runtime.scheduler.progress();
  }

 private:
  Value* at_;
  std::uintptr_t address_;
  Cell& cell_;
  AtomicObject& object_;
  unsigned newer_ = 0;  ///< number of stores newer than the one that is read
};

}  // namespace racetrack::explore
