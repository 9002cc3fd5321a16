// The functions that g++ and clang call under -fsanitize=thread for plain memory accesses and at function entry and
// exit. Plain accesses are checked for races. They are not scheduling points: without a race, no other thread can
// observe their order.
#include <cstddef>
#include <cstdint>
#include <utility>

#include "explore/abi/access.hpp"
#include "explore/interpose/real.hpp"

using namespace racetrack::explore;

namespace {

/// The value of up to 8 bytes; 0 near the null pointer, so that a crash there has the address of the subject's own
/// instruction.
std::uint64_t value_of(const volatile void* at, std::size_t size) {
  std::uint64_t value = 0;
  if (reinterpret_cast<std::uintptr_t>(at) >= 4096) __builtin_memcpy(&value, const_cast<const void*>(at), size);
  return value;
}

/// Makes a plain access a step: other threads may run before it, and a thread that reads known values again and again
/// spins.
void step_before(const volatile void* at, std::size_t size, AccessKind kind) {
  runtime.scheduler.point(kind == kPlainWrite ? intends_to_write(at) : intends_to_read(at));
  if (kind == kPlainWrite) {
    record_change();
    runtime.scheduler.progress();
  } else if (size <= 8) {
    observe_value(reinterpret_cast<std::uintptr_t>(at), value_of(at, size));
  }
}

[[gnu::always_inline]] inline void access(const volatile void* at, std::size_t size, AccessKind kind) {
  if (!runtime.watching) return;
  if (--runtime.accesses_left < 0) [[unlikely]] {
    const ExplorerScope explorer_scope;
    count_accesses();
  }
  const auto address = reinterpret_cast<std::uintptr_t>(at);
  if (runtime.reports_events) [[unlikely]] {
    const ExplorerScope explorer_scope;
    if (runtime.plain_steps) step_before(at, size, kind);
    const Operation operation = kind == kPlainWrite ? Operation::write : Operation::read;
    const bool has_value = size <= 8 && kind == kPlainRead;
    report_event(operation, address, size, has_value ? value_of(at, size) : 0, -1);
  }
  check_access(address, size, kind, reinterpret_cast<std::uintptr_t>(__builtin_return_address(0)));
}

}  // namespace

#define RACETRACK_TSAN_ACCESS(size)                                                                            \
  RACETRACK_INTERPOSED void __tsan_read##size(void* at) { access(at, size, kPlainRead); }                      \
  RACETRACK_INTERPOSED void __tsan_write##size(void* at) { access(at, size, kPlainWrite); }                    \
  RACETRACK_INTERPOSED void __tsan_read##size##_pc(void* at, void*) { access(at, size, kPlainRead); }          \
  RACETRACK_INTERPOSED void __tsan_write##size##_pc(void* at, void*) { access(at, size, kPlainWrite); }        \
  RACETRACK_INTERPOSED void __tsan_unaligned_read##size(void* at) { access(at, size, kPlainRead); }            \
  RACETRACK_INTERPOSED void __tsan_unaligned_write##size(void* at) { access(at, size, kPlainWrite); }          \
  RACETRACK_INTERPOSED void __tsan_volatile_read##size(void* at) { access(at, size, kPlainRead); }             \
  RACETRACK_INTERPOSED void __tsan_volatile_write##size(void* at) { access(at, size, kPlainWrite); }           \
  RACETRACK_INTERPOSED void __tsan_unaligned_volatile_read##size(void* at) { access(at, size, kPlainRead); }   \
  RACETRACK_INTERPOSED void __tsan_unaligned_volatile_write##size(void* at) { access(at, size, kPlainWrite); } \
  RACETRACK_INTERPOSED void __tsan_read_write##size(void* at) { access(at, size, kPlainWrite); }               \
  RACETRACK_INTERPOSED void __tsan_unaligned_read_write##size(void* at) { access(at, size, kPlainWrite); }

RACETRACK_TSAN_ACCESS(1)
RACETRACK_TSAN_ACCESS(2)
RACETRACK_TSAN_ACCESS(4)
RACETRACK_TSAN_ACCESS(8)
RACETRACK_TSAN_ACCESS(16)
#undef RACETRACK_TSAN_ACCESS

RACETRACK_INTERPOSED void __tsan_read_range(void* at, std::size_t size) { access(at, size, kPlainRead); }
RACETRACK_INTERPOSED void __tsan_write_range(void* at, std::size_t size) { access(at, size, kPlainWrite); }
RACETRACK_INTERPOSED void __tsan_read_range_pc(void* at, std::size_t size, void*) { access(at, size, kPlainRead); }
RACETRACK_INTERPOSED void __tsan_write_range_pc(void* at, std::size_t size, void*) { access(at, size, kPlainWrite); }
RACETRACK_INTERPOSED void __tsan_vptr_read(void** at) { access(at, sizeof *at, kPlainRead); }
RACETRACK_INTERPOSED void __tsan_vptr_update(void** at, void* value) {
  // Destructors of a hierarchy write the value that memory holds already. The access is never a step: new blocks may
  // hold any value.
  if (*at == value) return;
  const bool plain_steps = std::exchange(runtime.plain_steps, false);
  access(at, sizeof *at, kPlainWrite);
  runtime.plain_steps = plain_steps;
}

/// Called by the constructor of every instrumented module.
RACETRACK_INTERPOSED void __tsan_init() { runtime.instrumented = true; }

RACETRACK_INTERPOSED void __tsan_func_entry(void* caller) {
  if (!runtime.watching) return;
  Thread& thread = *runtime.current;
  if (thread.depth < Thread::kStackDepth) {
    thread.calls[thread.depth] = reinterpret_cast<std::uintptr_t>(caller);
    thread.frames[thread.depth] = reinterpret_cast<std::uintptr_t>(__builtin_frame_address(0));
  }
  ++thread.depth;
}
RACETRACK_INTERPOSED void __tsan_func_exit() {
  if (!runtime.watching) return;
  Thread& thread = *runtime.current;
  if (thread.depth == 0) return;
  if (thread.depth <= Thread::kStackDepth) {
    const std::uintptr_t above = thread.depth >= 2 ? thread.frames[thread.depth - 2] : thread.fiber.stack_top;
    if (thread.lowest_object < above) [[unlikely]] {
      const ExplorerScope explorer_scope;
      forget_left_frame(thread, reinterpret_cast<std::uintptr_t>(__builtin_frame_address(0)));
    }
  }
  --thread.depth;
}
/// A library announces a lock made of atomics that are not instrumented (abseil).
RACETRACK_INTERPOSED void __tsan_mutex_create(void*, unsigned) {
  if (runtime.watching) refuse("it uses a lock of a library that is not instrumented");
}
RACETRACK_INTERPOSED void __tsan_ignore_thread_begin() {}
RACETRACK_INTERPOSED void __tsan_ignore_thread_end() {}
