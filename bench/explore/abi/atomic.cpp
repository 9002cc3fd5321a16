// The functions that the compiler calls for atomic operations under -fsanitize=thread. Each is a scheduling point. g++
// calls compare_exchange_strong and _weak, clang compare_exchange_val.
#include <cstdint>

#include "explore/abi/memory.hpp"
#include "explore/interpose/real.hpp"
#include "explore/weak/location.hpp"

using namespace racetrack::explore;

namespace {

__extension__ using Word128 = unsigned __int128;

/// Called before the check of the operation, so that an operation that fails the check is the last of the interleaving.
template <class Value>
void record_operation(Operation operation, const volatile Value* at, Value value, int order) {
  note(operation, reinterpret_cast<std::uintptr_t>(at), static_cast<std::uint64_t>(value), sizeof(Value), order);
}

// Each operation in either memory model. `Model` is the type of the location in that model.

template <template <class> class Model, class Value>
[[gnu::always_inline]] inline Value load_in(const volatile Value* at, int order) {
  Model<Value> location(at);
  const Value value = location.choose(order);
  record_operation(Operation::load, at, value, order);
  location.read(order);
  observe_value(reinterpret_cast<std::uintptr_t>(at), static_cast<std::uint64_t>(value));
  return value;
}

template <template <class> class Model, class Value>
[[gnu::always_inline]] inline void store_in(volatile Value* at, Value value, int order) {
  record_operation(Operation::store, at, value, order);
  Model<Value>(at).write(value, order, false);
  record_change();
}

template <template <class> class Model, class Value, class Change>
[[gnu::always_inline]] inline Value modify_in(volatile Value* at, int order, Operation operation, Change changed) {
  Model<Value> location(at);
  const Value before = location.latest();
  const Value after = changed(before);
  record_operation(operation, at, after, order);
  location.read_to_modify(order);
  location.write(after, order, true);
  // An operation that changes nothing, such as a test-and-set that finds the flag set, counts as a read.
  if (after == before) {
    observe_value(reinterpret_cast<std::uintptr_t>(at), static_cast<std::uint64_t>(after));
  } else {
    record_change();
  }
  return before;
}

template <template <class> class Model, class Value>
[[gnu::always_inline]] inline bool compare_exchange_in(volatile Value* at, Value* expected, Value desired, int order,
                                                       int failure_order, bool weak) {
  Model<Value> location(at);
  if (location.exchanges(*expected, failure_order, weak)) {
    record_operation(Operation::exchanged, at, desired, order);
    location.read_to_modify(order);
    location.write(desired, order, true);
    record_change();
    return true;
  }
  const Value found = location.chosen();
  record_operation(Operation::not_exchanged, at, found, failure_order);
  location.read(failure_order);
  observe_value(reinterpret_cast<std::uintptr_t>(at), static_cast<std::uint64_t>(found));
  // The compiler does not instrument this write; the hang probe must know of it.
  runtime.scheduler.observe(Operation::write, reinterpret_cast<std::uintptr_t>(expected), sizeof(Value));
  *expected = found;
  return false;
}

template <class Value>
[[gnu::always_inline]] inline Value load(const volatile Value* at, int order) {
  if (!runtime.watching) return *at;
  const ExplorerScope explorer_scope;
  runtime.scheduler.point(intends_to_read(at));
  return runtime.weak ? load_in<WeakLocation>(at, order) : load_in<Location>(at, order);
}

template <class Value>
[[gnu::always_inline]] inline void store(volatile Value* at, Value value, int order) {
  if (!runtime.watching) {
    *at = value;
    return;
  }
  const ExplorerScope explorer_scope;
  runtime.scheduler.point(intends_to_write(at));
  runtime.weak ? store_in<WeakLocation>(at, value, order) : store_in<Location>(at, value, order);
}

template <class Value, class Change>
[[gnu::always_inline]] inline Value modify(volatile Value* at, int order, Operation operation, Change changed) {
  if (!runtime.watching) {
    const Value before = *at;
    *at = changed(before);
    return before;
  }
  const ExplorerScope explorer_scope;
  runtime.scheduler.point(intends_to_write(at));
  return runtime.weak ? modify_in<WeakLocation>(at, order, operation, changed)
                      : modify_in<Location>(at, order, operation, changed);
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
  const ExplorerScope explorer_scope;
  runtime.scheduler.point(intends_to_write(at));
  return runtime.weak ? compare_exchange_in<WeakLocation>(at, expected, desired, order, failure_order, weak)
                      : compare_exchange_in<Location>(at, expected, desired, order, failure_order, weak);
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
  const ExplorerScope explorer_scope;
  runtime.scheduler.point({});
  fence(order);
  note(Operation::fence, 0, 0, 0, order);
}
RACETRACK_INTERPOSED void __tsan_atomic_signal_fence(int) {}
