// malloc and related functions. Until the world is prepared, all memory is allocated in the arena: it is the base that every execution finds. Afterwards
// the subject allocates in the arena, and the explorer in its own heap. Nothing allocates in libc, because the state of libc's allocator is restored
// with libc's variables.
#include <algorithm>
#include <bit>
#include <cerrno>
#include <cstring>

#include <sys/syscall.h>

#include "explore/interpose/real.hpp"
#include "explore/waiting.hpp"

namespace racetrack::explore {
namespace {

/// No machine has so much memory: malloc fails there, too.
constexpr std::size_t kMoreThanAnyMachineHas = std::size_t{1} << 40;

[[gnu::section("racetrack_state")]] bool heap_is_locked = false;

/// Threads that run before the world is prepared, or that the explorer does not control, may allocate at the same time.
class HeapLock {
 public:
  HeapLock() noexcept {
    // acquire: the holder before has left the heap whole.
    while (__atomic_exchange_n(&heap_is_locked, true, __ATOMIC_ACQUIRE)) raw_syscall(SYS_sched_yield);
  }
  ~HeapLock() { __atomic_store_n(&heap_is_locked, false, __ATOMIC_RELEASE); }  // release: for the next acquire
  HeapLock(const HeapLock&) = delete;
  HeapLock& operator=(const HeapLock&) = delete;
};

/// The heap of whoever allocates while the subject does not run.
Arena& unwatched_heap() noexcept { return runtime.prepared ? runtime.own_heap : runtime.arena; }

void* allocate_unwatched(std::size_t size, std::size_t alignment) noexcept {
  const HeapLock lock;
  void* const block = unwatched_heap().allocate(size, alignment);
  if (block == nullptr) errno = ENOMEM;
  return block;
}

void release_unwatched(void* block) noexcept {
  const HeapLock lock;
  if (in_own_heap(reinterpret_cast<std::uintptr_t>(block))) return runtime.own_heap.release(block);
  // Later than that it is a block of an execution that is over, or of the base, which stays.
  if (!runtime.prepared && runtime.arena.block(block) == Arena::Block::live) runtime.arena.release(block);
}

/// Content of a block that is handed out.
void fill_block(void* block, std::size_t size) noexcept {
  switch (runtime.fill) {
    case Fill::pattern: std::memset(block, kFillByte, size); break;
    case Fill::zero: std::memset(block, 0, size); break;
    case Fill::random: runtime.entropy.fill(block, size); break;
  }
}

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
  if (size >= kMoreThanAnyMachineHas) {
    errno = ENOMEM;
    return nullptr;
  }
  void* const block = runtime.arena.allocate(size, alignment);
  if (block == nullptr) {
    refuse("an execution allocates more than " + std::to_string(runtime.arena.limit() >> 20U) +
           " MiB; --memory-limit raises that");
  }
  forget(address_of(block), size);
  if (runtime.arena.latest_was_freed()) runtime.scheduler.leave_out(Untried::memory_reuse);
  fill_block(block, size);
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

namespace {

/// The dynamic loader's own blocks stay as long as what it has loaded: beyond the execution.
[[gnu::always_inline]] inline bool is_for_loader() noexcept {
  return runtime.loader.contains(reinterpret_cast<std::uintptr_t>(__builtin_return_address(0)));
}

[[gnu::always_inline]] inline void* allocate_for_caller(std::size_t size, std::size_t alignment, bool for_loader) {
  return runtime.watching && !for_loader ? allocate(size, alignment) : allocate_unwatched(size, alignment);
}

}  // namespace

RACETRACK_INTERPOSED void* malloc(std::size_t size) noexcept { return allocate_for_caller(size, 16, is_for_loader()); }
RACETRACK_INTERPOSED void free(void* block) noexcept {
  if (block == nullptr) return;
  if (runtime.watching && !in_own_heap(address_of(block))) return release(block);
  release_unwatched(block);
}
RACETRACK_INTERPOSED void* calloc(std::size_t count, std::size_t size) noexcept {
  std::size_t bytes = 0;
  if (__builtin_mul_overflow(count, size, &bytes)) {
    errno = ENOMEM;
    return nullptr;
  }
  void* const block = allocate_for_caller(bytes, 16, is_for_loader());
  if (block != nullptr) std::memset(block, 0, bytes);  // interposed: a write of the subject, which may race
  return block;
}
RACETRACK_INTERPOSED void* realloc(void* block, std::size_t size) noexcept {
  if (block == nullptr) return allocate_for_caller(size, 16, is_for_loader());
  const bool own = in_own_heap(address_of(block));
  if (runtime.watching && !own && runtime.arena.block(block) != Arena::Block::live) release(block);  // a failure
  const std::size_t before = own ? runtime.own_heap.size_of(block) : runtime.arena.size_of(block);
  void* const moved = own ? allocate_unwatched(size, 16) : allocate_for_caller(size, 16, is_for_loader());
  if (moved == nullptr) return nullptr;
  {
    const Inside inside;
    std::memcpy(moved, block, std::min(before, size));
  }
  free(block);
  return moved;
}
RACETRACK_INTERPOSED void* memalign(std::size_t alignment, std::size_t size) noexcept {
  return allocate_for_caller(size, alignment, is_for_loader());
}
RACETRACK_INTERPOSED void* aligned_alloc(std::size_t alignment, std::size_t size) noexcept {
  return memalign(alignment, size);
}
RACETRACK_INTERPOSED int posix_memalign(void** block, std::size_t alignment, std::size_t size) noexcept {
  if (alignment % sizeof(void*) != 0 || !std::has_single_bit(alignment)) return EINVAL;
  void* const made = memalign(alignment, size);
  if (made == nullptr) return ENOMEM;
  *block = made;
  return 0;
}
RACETRACK_INTERPOSED void* valloc(std::size_t size) noexcept { return memalign(4096, size); }
RACETRACK_INTERPOSED void* pvalloc(std::size_t size) noexcept {
  return memalign(4096, (size + 4095) & ~std::size_t{4095});
}
RACETRACK_INTERPOSED std::size_t malloc_usable_size(void* block) noexcept {
  if (block == nullptr) return 0;
  return in_own_heap(address_of(block)) ? runtime.own_heap.size_of(block) : runtime.arena.size_of(block);
}
