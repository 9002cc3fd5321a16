// malloc and its kin: while the subject runs, its memory comes from the arena.
#include <algorithm>
#include <cstring>
#include <new>

#include "explore/interpose/real.hpp"
#include "explore/waiting.hpp"

extern "C" {
void* __libc_malloc(std::size_t);
void* __libc_calloc(std::size_t, std::size_t);
void* __libc_realloc(void*, std::size_t);
void* __libc_memalign(std::size_t, std::size_t);
void __libc_free(void*);
}

namespace racetrack::explore {
namespace {

bool is_arenas(const void* pointer) { return in_arena(reinterpret_cast<std::uintptr_t>(pointer)); }

/// A block is born: nothing that was known of its memory is true any more.
void forget(std::uintptr_t address, std::size_t size) {
  for (std::uintptr_t at = address & ~std::uintptr_t{7}; at < address + size; at += 8) {
    if (Cell* const cell = runtime.shadow.known_cell(at)) cell->count = 0, cell->object = cell->atomics = 0;
  }
}

/// A block dies: that is a write to all of it.
void check_release(std::uintptr_t address, std::size_t size) {
  Thread& thread = current_thread();
  const Access now{thread.clock[thread.id], thread.id, 0xff, kPlainWrite, 1};
  for (std::uintptr_t at = address & ~std::uintptr_t{7}; at < address + size; at += 8) {
    Cell* const cell = runtime.shadow.known_cell(at);
    if (cell == nullptr || cell->count == 0) continue;
    const Conflict conflict = enter(*cell, now, thread.clock);
    if (conflict.found) meet_race(at, now, conflict.earlier, thread.caller);
  }
}

/// Who gets which of the freed blocks depends on order. Who gets which new memory does not, but for its address.
void tell_allocated(void* block, std::size_t size) {
  const std::uintptr_t next_free = kPseudoHeap + runtime.arena.class_of(block);
  if (runtime.arena.latest_was_freed()) {
    touch({Touch::Kind::write, next_free});
    return;
  }
  touch({Touch::Kind::read, next_free});
  runtime.scheduler.strategy().allocated({Touch::Kind::write, address_of(block), size});
}

[[gnu::always_inline]] inline void* allocate(std::size_t size, std::size_t alignment) {
  const Inside inside;
  void* const block = runtime.arena.allocate(size, alignment);
  if (block == nullptr) {
    refuse("the subject allocates " + std::to_string(size) + " bytes more than the " +
           std::to_string(kArenaSize >> 20U) + " MiB that an execution may have");
  }
  forget(address_of(block), size);
  if (runtime.arena.latest_was_freed()) runtime.scheduler.leave_out(Untried::memory_reuse);
  note(Operation::allocate, address_of(block), size);
  if (runtime.touches) tell_allocated(block, size);
  return block;
}

[[gnu::always_inline]] inline void release(void* block) {
  const Inside inside;
  const Arena::Block state = runtime.arena.block(block);
  // Before it is checked: one that fails is the last of the interleaving.
  note(Operation::release, address_of(block), state == Arena::Block::live ? runtime.arena.size_of(block) : 0);
  switch (state) {
    case Arena::Block::live: break;
    case Arena::Block::freed:
      fail({.kind = "double_free",
            .text = "thread " + std::to_string(current_thread().id) + " frees a block that has been freed",
            .signature = "double_free",
            .address = address_of(block)});
    case Arena::Block::none: fail("misuse", "a pointer is freed that is no block's beginning");
  }
  check_release(address_of(block), runtime.arena.size_of(block));
  touch({Touch::Kind::write, address_of(block), runtime.arena.size_of(block)});
  if (runtime.arena.recycles(block)) touch({Touch::Kind::write, kPseudoHeap + runtime.arena.class_of(block)});
  runtime.arena.release(block);
}

}  // namespace
}  // namespace racetrack::explore

using namespace racetrack::explore;

RACETRACK_INTERPOSED void* malloc(std::size_t size) {
  return runtime.watching ? allocate(size, 16) : __libc_malloc(size);
}
RACETRACK_INTERPOSED void free(void* block) {
  if (block == nullptr) return;
  if (!is_arenas(block)) return __libc_free(block);
  if (runtime.watching) release(block);  // else its execution is over, and so is it
}
RACETRACK_INTERPOSED void* calloc(std::size_t count, std::size_t size) {
  if (!runtime.watching) return __libc_calloc(count, size);
  std::size_t bytes = 0;
  if (__builtin_mul_overflow(count, size, &bytes)) return nullptr;
  void* const block = allocate(bytes, 16);
  std::memset(block, 0, bytes);
  return block;
}
RACETRACK_INTERPOSED void* realloc(void* block, std::size_t size) {
  if (block == nullptr) return malloc(size);
  if (!is_arenas(block)) return __libc_realloc(block, size);
  const std::size_t before = runtime.arena.size_of(block);
  void* const moved = malloc(size);
  if (moved == nullptr) return nullptr;
  {
    const Inside inside;
    std::memcpy(moved, block, std::min(before, size));
  }
  free(block);
  return moved;
}
RACETRACK_INTERPOSED void* memalign(std::size_t alignment, std::size_t size) {
  return runtime.watching ? allocate(size, alignment) : __libc_memalign(alignment, size);
}
RACETRACK_INTERPOSED void* aligned_alloc(std::size_t alignment, std::size_t size) { return memalign(alignment, size); }
RACETRACK_INTERPOSED int posix_memalign(void** block, std::size_t alignment, std::size_t size) {
  *block = memalign(alignment, size);
  return *block != nullptr ? 0 : ENOMEM;
}
RACETRACK_INTERPOSED std::size_t malloc_usable_size(void* block) {
  using Function = std::size_t (*)(void*);
  if (is_arenas(block)) return runtime.arena.size_of(block);
  static const auto libc = reinterpret_cast<Function>(next_symbol("malloc_usable_size"));
  return libc(block);
}
