// What the compiler calls for atomic operations under -fsanitize=thread. Every one is a scheduling point. g++ calls
// compare_exchange_strong and _weak, clang compare_exchange_val.
#include <cstdint>

#include "explore/abi/memory.hpp"
#include "explore/interpose/real.hpp"

using namespace racetrack::explore;

namespace {

__extension__ using Word128 = unsigned __int128;

/// Before an operation: others may go first.
inline void before_operation() { runtime.scheduler.point(); }

/// Before the operation is checked: one that fails is the last of the interleaving.
template <class Value>
void tell(Operation operation, const volatile Value* at, Value value, int order) {
  note(operation, reinterpret_cast<std::uintptr_t>(at), static_cast<std::uint64_t>(value), sizeof(Value), order);
}

template <class Value>
[[gnu::always_inline]] inline Value load(const volatile Value* at, int order) {
  if (!runtime.watching) return *at;
  const Inside inside;
  before_operation();
  Location<Value> location(at);
  tell(Operation::load, at, location.latest(), order);
  const Value value = location.load(order);
  look(reinterpret_cast<std::uintptr_t>(at), static_cast<std::uint64_t>(value));
  return value;
}

template <class Value>
[[gnu::always_inline]] inline void store(volatile Value* at, Value value, int order) {
  if (!runtime.watching) {
    *at = value;
    return;
  }
  const Inside inside;
  before_operation();
  tell(Operation::store, at, value, order);
  Location<Value>(at).store(value, order, false);
  change();
}

template <class Value, class Change>
[[gnu::always_inline]] inline Value modify(volatile Value* at, int order, Operation operation, Change changed) {
  if (!runtime.watching) {
    const Value before = *at;
    *at = changed(before);
    return before;
  }
  const Inside inside;
  before_operation();
  Location<Value> location(at);
  tell(operation, at, changed(location.latest()), order);
  const Value before = location.load_to_modify(order);
  const Value after = changed(before);
  location.store(after, order, true);
  // One that changes nothing, as a test-and-set that finds the flag set, is a look.
  if (after == before) {
    look(reinterpret_cast<std::uintptr_t>(at), static_cast<std::uint64_t>(after));
  } else {
    change();
  }
  return before;
}

template <class Value>
[[gnu::always_inline]] inline bool compare_exchange(volatile Value* at, Value* expected, Value desired, int order,
                                                    int failure_order, bool weak) {
  if (!runtime.watching) {
    const Value found = *at;
    if (found == *expected) {
      *at = desired;
      return true;
    }
    *expected = found;
    return false;
  }
  const Inside inside;
  before_operation();
  Location<Value> location(at);
  if (location.latest() == *expected && !(weak && runtime.scheduler.whim())) {
    tell(Operation::exchanged, at, desired, order);
    location.load_to_modify(order);
    location.store(desired, order, true);
    change();
    return true;
  }
  tell(Operation::not_exchanged, at, location.latest(), failure_order);
  const Value found = location.load(failure_order);
  look(reinterpret_cast<std::uintptr_t>(at), static_cast<std::uint64_t>(found));
  *expected = found;
  return false;
}

}  // namespace

#define RACETRACK_TSAN_MODIFY(bits, Value, name, expression)                                            \
  RACETRACK_INTERPOSED Value __tsan_atomic##bits##_##name(volatile Value* at, Value value, int order) { \
    return modify(at, order, Operation::name,                                                           \
                  [value]([[maybe_unused]] Value before) { return static_cast<Value>(expression); });   \
  }
#define RACETRACK_TSAN_ATOMIC(bits, Value)                                                                        \
  RACETRACK_INTERPOSED Value __tsan_atomic##bits##_load(const volatile Value* at, int order) {                    \
    return load(at, order);                                                                                       \
  }                                                                                                               \
  RACETRACK_INTERPOSED void __tsan_atomic##bits##_store(volatile Value* at, Value value, int order) {             \
    store(at, value, order);                                                                                      \
  }                                                                                                               \
  RACETRACK_TSAN_MODIFY(bits, Value, exchange, value)                                                             \
  RACETRACK_TSAN_MODIFY(bits, Value, fetch_add, before + value)                                                   \
  RACETRACK_TSAN_MODIFY(bits, Value, fetch_sub, before - value)                                                   \
  RACETRACK_TSAN_MODIFY(bits, Value, fetch_and, before& value)                                                    \
  RACETRACK_TSAN_MODIFY(bits, Value, fetch_or, before | value)                                                    \
  RACETRACK_TSAN_MODIFY(bits, Value, fetch_xor, before ^ value)                                                   \
  RACETRACK_TSAN_MODIFY(bits, Value, fetch_nand, ~(before & value))                                               \
  RACETRACK_INTERPOSED int __tsan_atomic##bits##_compare_exchange_strong(volatile Value* at, Value* expected,     \
                                                                         Value desired, int order, int failure) { \
    return compare_exchange(at, expected, desired, order, failure, false) ? 1 : 0;                                \
  }                                                                                                               \
  RACETRACK_INTERPOSED int __tsan_atomic##bits##_compare_exchange_weak(volatile Value* at, Value* expected,       \
                                                                       Value desired, int order, int failure) {   \
    return compare_exchange(at, expected, desired, order, failure, true) ? 1 : 0;                                 \
  }                                                                                                               \
  RACETRACK_INTERPOSED Value __tsan_atomic##bits##_compare_exchange_val(volatile Value* at, Value expected,       \
                                                                        Value desired, int order, int failure) {  \
    compare_exchange(at, &expected, desired, order, failure, false);                                              \
    return expected;                                                                                              \
  }

RACETRACK_TSAN_ATOMIC(8, std::uint8_t)
RACETRACK_TSAN_ATOMIC(16, std::uint16_t)
RACETRACK_TSAN_ATOMIC(32, std::uint32_t)
RACETRACK_TSAN_ATOMIC(64, std::uint64_t)
RACETRACK_TSAN_ATOMIC(128, Word128)
#undef RACETRACK_TSAN_ATOMIC
#undef RACETRACK_TSAN_MODIFY

RACETRACK_INTERPOSED void __tsan_atomic_thread_fence(int order) {
  if (!runtime.watching) return;
  const Inside inside;
  before_operation();
  fence(order);
  note(Operation::fence, 0, 0, 0, order);
}
RACETRACK_INTERPOSED void __tsan_atomic_signal_fence(int) {}
