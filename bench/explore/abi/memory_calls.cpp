// memcpy, memmove and memset. The compiler keeps them as calls in this flavour, so that their accesses are checked.
#include <cstddef>
#include <cstdint>
#include <cstring>

#include "explore/abi/access.hpp"
#include "explore/interpose/real.hpp"

using namespace racetrack::explore;

namespace {

[[gnu::always_inline]] inline void touch_all(const void* at, std::size_t size, AccessKind kind) {
  if (size == 0) return;
  const ExplorerScope explorer_scope;
  const auto address = reinterpret_cast<std::uintptr_t>(at);
  if (runtime.reports_events) [[unlikely]] {
    report_event(kind == kPlainWrite ? Operation::write : Operation::read, address, size, 0, -1);
  }
  check_access_slowly(address, size, kind, runtime.current->caller);
}

// Copies and fills by the processor's string instructions, used until libc's functions are known.
void* copy_forwards(void* to, const void* from, std::size_t size) {
  void* const result = to;
  asm volatile("rep movsb" : "+D"(to), "+S"(from), "+c"(size) : : "memory");
  return result;
}
void* fill(void* to, int value, std::size_t size) {
  void* const result = to;
  asm volatile("rep stosb" : "+D"(to), "+c"(size) : "a"(value) : "memory");
  return result;
}
void* move_either_way(void* to, const void* from, std::size_t size) {
  if (reinterpret_cast<std::uintptr_t>(to) - reinterpret_cast<std::uintptr_t>(from) >= size) {
    return copy_forwards(to, from, size);
  }
  for (std::size_t i = size; i-- > 0;) static_cast<char*>(to)[i] = static_cast<const char*>(from)[i];
  return to;
}

struct Libc {
  void* (*copy)(void*, const void*, std::size_t) = copy_forwards;
  void* (*move)(void*, const void*, std::size_t) = move_either_way;
  void* (*set)(void*, int, std::size_t) = fill;
};
constinit Libc libc;

/// Runs before main. Only the loader and constructors of libraries run earlier.
[[gnu::constructor]] void find_libc() {
  const Libc found{reinterpret_cast<decltype(Libc::copy)>(next_symbol("memcpy")),
                   reinterpret_cast<decltype(Libc::move)>(next_symbol("memmove")),
                   reinterpret_cast<decltype(Libc::set)>(next_symbol("memset"))};
  if (found.copy != nullptr && found.move != nullptr && found.set != nullptr) libc = found;
}

}  // namespace

RACETRACK_INTERPOSED void* memcpy(void* __restrict to, const void* __restrict from, std::size_t size) noexcept {
  if (runtime.watching) {
    touch_all(from, size, kPlainRead);
    touch_all(to, size, kPlainWrite);
  }
  return libc.copy(to, from, size);
}
RACETRACK_INTERPOSED void* memmove(void* to, const void* from, std::size_t size) noexcept {
  if (runtime.watching) {
    touch_all(from, size, kPlainRead);
    touch_all(to, size, kPlainWrite);
  }
  return libc.move(to, from, size);
}
RACETRACK_INTERPOSED void* memset(void* to, int value, std::size_t size) noexcept {
  if (runtime.watching) touch_all(to, size, kPlainWrite);
  return libc.set(to, value, size);
}
RACETRACK_INTERPOSED void* __tsan_memcpy(void* to, const void* from, std::size_t size) {
  return memcpy(to, from, size);
}
RACETRACK_INTERPOSED void* __tsan_memmove(void* to, const void* from, std::size_t size) {
  return memmove(to, from, size);
}
RACETRACK_INTERPOSED void* __tsan_memset(void* to, int value, std::size_t size) { return memset(to, value, size); }
