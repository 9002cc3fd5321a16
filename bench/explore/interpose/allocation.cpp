// malloc and related functions. Until the world is prepared, all memory is allocated in the arena: these blocks are
// part of every execution. Afterwards the subject allocates in the arena, and the explorer in its own heap. libc's
// allocator is never used, because its state is restored with libc's variables.
#include <algorithm>
#include <bit>
#include <cerrno>
#include <cstring>

#include <sys/syscall.h>

#include "explore/interpose/real.hpp"
#include "explore/waiting.hpp"

namespace racetrack::explore {
namespace {

/// No machine has so much memory, so malloc fails as it does elsewhere.
constexpr std::size_t kMoreThanAnyMachineHas = std::size_t{1} << 40;

[[gnu::section("racetrack_state")]] bool heap_is_locked = false;

/// Threads that run before the world is prepared, or that the explorer does not control, may allocate at the same time.
class HeapLock {
 public:
  HeapLock() noexcept {
    // acquire: the previous holder's changes of the heap. Partner: the release in the destructor.
    while (__atomic_exchange_n(&heap_is_locked, true, __ATOMIC_ACQUIRE)) raw_syscall(SYS_sched_yield);
  }
  ~HeapLock() { __atomic_store_n(&heap_is_locked, false, __ATOMIC_RELEASE); }  // release: for the next acquire
  HeapLock(const HeapLock&) = delete;
  HeapLock& operator=(const HeapLock&) = delete;
};

/// The heap for allocations while the subject does not run.
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
  // Otherwise it is a block of a past execution, or of the base, which is kept.
  if (!runtime.prepared && runtime.arena.block(block) == Arena::Block::live) runtime.arena.release(block);
}

/// Content of a new block.
enum class Content : std::uint8_t { any, zero };

void fill_block(void* block, std::size_t size, Content content) noexcept {
  switch (content == Content::zero ? Fill::zero : runtime.fill) {
    case Fill::pattern: std::memset(block, kFillByte, size); break;
    case Fill::zero: std::memset(block, 0, size); break;
    case Fill::random: runtime.entropy.fill(block, size); break;
  }
}

/// Checks the free of a block as a write of all of it.
void check_release(std::uintptr_t address, std::size_t size) {
  Thread& thread = current_thread();
  const Access now{thread.clock[thread.id], thread.id, 0xff, kPlainWrite, Cause::free};
  // The allocation is looked up separately, because cells that no thread has accessed are empty.
  Access allocation{};
  if (runtime.shadow.find_allocation(address, allocation) && allocation.epoch > thread.clock[allocation.thread]) {
    handle_race(address, now, allocation, thread.caller);
  }
  for (std::uintptr_t at = address & ~std::uintptr_t{7}; at < address + size; at += 8) {
    Cell* const cell = runtime.shadow.known_cell(at);
    if (cell == nullptr || cell->count == 0) continue;
    const Conflict conflict = record_access(*cell, now, thread.clock);
    if (conflict.found) handle_race(at, now, conflict.earlier, thread.caller);
  }
}

/// Reports an allocation to the strategy. The order of allocations determines which freed block a thread gets. New
/// memory differs only in its address.
void report_allocation(void* block, std::size_t size) {
  const std::uintptr_t next_free = kPseudoHeap + runtime.arena.class_of(block);
  if (runtime.arena.latest_was_freed()) {
    touch({Touch::Kind::write, next_free});
    touch({Touch::Kind::write, address_of(block), size});
    return;
  }
  touch({Touch::Kind::read, next_free});
  runtime.scheduler.strategy().allocated({Touch::Kind::write, address_of(block), size});
}

[[gnu::always_inline]] inline void* allocate(std::size_t size, std::size_t alignment, Content content) {
  const ExplorerScope explorer_scope;
  if (size >= kMoreThanAnyMachineHas) {
    errno = ENOMEM;
    return nullptr;
  }
  void* const block = runtime.arena.allocate(size, alignment);
  if (block == nullptr) {
    refuse("an execution allocates more than " + std::to_string(runtime.arena.limit() >> 20U) +
           " MiB; --memory-limit raises that");
  }
  const bool recycled = runtime.arena.latest_was_freed();
  const Thread& thread = current_thread();
  runtime.shadow.allocate(address_of(block), size, thread.id, thread.clock[thread.id], recycled);
  if (recycled) runtime.scheduler.leave_out(Untried::memory_reuse);
  fill_block(block, size, content);
  note(Operation::allocate, address_of(block), size);
  if (runtime.touches) report_allocation(block, size);
  return block;
}

[[gnu::always_inline]] inline void release(void* block) {
  const ExplorerScope explorer_scope;
  const Arena::Block state = runtime.arena.block(block);
  // Called before the check, so that an operation that fails is the last of the interleaving.
  note(Operation::release, address_of(block), state == Arena::Block::live ? runtime.arena.size_of(block) : 0);
  switch (state) {
    case Arena::Block::live: break;
    case Arena::Block::freed:
      fail({.kind = "double_free",
            .text = "thread " + std::to_string(current_thread().id) + " frees a block that is freed already",
            .signature = "double_free",
            .address = address_of(block)});
    case Arena::Block::none: fail("misuse", "free() of a pointer that is not the beginning of a block");
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

/// The dynamic loader's blocks outlive the execution, like the libraries that it has loaded.
[[gnu::always_inline]] inline bool is_for_loader() noexcept {
  return runtime.loader.contains(reinterpret_cast<std::uintptr_t>(__builtin_return_address(0)));
}

[[gnu::always_inline]] inline void* allocate_for_caller(std::size_t size, std::size_t alignment, bool for_loader,
                                                        Content content = Content::any) {
  if (runtime.watching && !for_loader) return allocate(size, alignment, content);
  void* const block = allocate_unwatched(size, alignment);
  const ExplorerScope explorer_scope;
  if (block != nullptr && content == Content::zero) std::memset(block, 0, size);
  return block;
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
  return allocate_for_caller(bytes, 16, is_for_loader(), Content::zero);
}
RACETRACK_INTERPOSED void* realloc(void* block, std::size_t size) noexcept {
  if (block == nullptr) return allocate_for_caller(size, 16, is_for_loader());
  const bool own = in_own_heap(address_of(block));
  if (runtime.watching && !own && runtime.arena.block(block) != Arena::Block::live)
    release(block);  // reports a failure
  const std::size_t before = own ? runtime.own_heap.size_of(block) : runtime.arena.size_of(block);
  void* const moved = own ? allocate_unwatched(size, 16) : allocate_for_caller(size, 16, is_for_loader());
  if (moved == nullptr) return nullptr;
  {
    const ExplorerScope explorer_scope;
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
