// mmap and related functions. A real mapping would outlive the execution, at another address each time. Instead a
// mapping is a block of the subject's heap, filled with zeroes or with the content of the file. Memory shared between
// processes is refused.
#include <cerrno>
#include <cstdint>
#include <cstdlib>
#include <cstring>

#include <malloc.h>
#include <sys/mman.h>
#include <sys/stat.h>
#include <unistd.h>

#include "explore/interpose/real.hpp"
#include "explore/waiting.hpp"

using namespace racetrack::explore;

namespace {

constexpr std::size_t kPage = 4096;

std::size_t whole_pages(std::size_t size) { return (size + kPage - 1) & ~(kPage - 1); }

void* no_mapping(int error) {
  errno = error;
  return MAP_FAILED;
}

/// Copies the mapped part of the file. The rest stays zero.
void copy_from_file(void* to, std::size_t size, int descriptor, off_t offset) {
  for (std::size_t at = 0; at < size;) {
    const ssize_t got = pread(descriptor, static_cast<char*>(to) + at, size - at, offset + static_cast<off_t>(at));
    if (got <= 0) return;
    at += static_cast<std::size_t>(got);
  }
}

void* map_block(void* wanted, std::size_t size, int protection, int flags, int descriptor, off_t offset) {
  if (size == 0) return no_mapping(EINVAL);
  const bool anonymous = (flags & MAP_ANONYMOUS) != 0;
  if ((flags & MAP_FIXED) == MAP_FIXED) {
    // Over an earlier mapping: clears the same memory.
    if (!in_arena(address_of(wanted))) refuse("it maps memory at an address of its choice (MAP_FIXED)");
    const ExplorerScope explorer_scope;
    std::memset(wanted, 0, whole_pages(size));
    if (!anonymous) copy_from_file(wanted, size, descriptor, offset);
    return wanted;
  }
  const bool shared = (flags & MAP_TYPE) != MAP_PRIVATE && (protection & PROT_WRITE) != 0;
  if (shared && !anonymous) {
    const ExplorerScope explorer_scope;
    refuse("it maps a file to write it (MAP_SHARED): other processes can read it");
  }
  void* const block = memalign(kPage, whole_pages(size));
  if (block == nullptr) return no_mapping(ENOMEM);
  const ExplorerScope explorer_scope;
  std::memset(block, 0, whole_pages(size));
  if (!anonymous) copy_from_file(block, size, descriptor, offset);
  return block;
}

}  // namespace

#define RACETRACK_MAP(name)                                                                                      \
  RACETRACK_INTERPOSED void* name(void* wanted, std::size_t size, int protection, int flags, int descriptor,     \
                                  off_t offset) noexcept {                                                       \
    if (runtime.watching) return map_block(wanted, size, protection, flags, descriptor, offset);                 \
    const auto next = reinterpret_cast<void* (*)(void*, std::size_t, int, int, int, off_t)>(next_symbol(#name)); \
    return next(wanted, size, protection, flags, descriptor, offset);                                            \
  }
RACETRACK_MAP(mmap)
RACETRACK_MAP(mmap64)
#undef RACETRACK_MAP

RACETRACK_INTERPOSED int munmap(void* at, std::size_t size) noexcept {
  const auto address = reinterpret_cast<std::uintptr_t>(at);
  if (!runtime.watching || !in_arena(address)) {
    return reinterpret_cast<int (*)(void*, std::size_t)>(next_symbol("munmap"))(at, size);
  }
  // A partially unmapped mapping is kept: its addresses are not used again in this execution.
  if (runtime.arena.block(at) == Arena::Block::live && runtime.arena.size_of(at) == whole_pages(size)) free(at);
  return 0;
}
RACETRACK_INTERPOSED void* mremap(void* at, std::size_t size, std::size_t wanted, int flags, ...) noexcept {
  if (!runtime.watching || !in_arena(reinterpret_cast<std::uintptr_t>(at))) {
    return reinterpret_cast<void* (*)(void*, std::size_t, std::size_t, int)>(next_symbol("mremap"))(at, size, wanted,
                                                                                                    flags);
  }
  if ((flags & MREMAP_MAYMOVE) == 0) return wanted <= size ? at : no_mapping(ENOMEM);
  void* const moved = map_block(nullptr, wanted, PROT_READ | PROT_WRITE, MAP_PRIVATE | MAP_ANONYMOUS, -1, 0);
  if (moved == MAP_FAILED) return moved;
  {
    const ExplorerScope explorer_scope;
    std::memcpy(moved, at, size < wanted ? size : wanted);
  }
  munmap(at, size);
  return moved;
}
/// The protection of the subject's memory is not modelled: a guard page has no effect.
RACETRACK_INTERPOSED int mprotect(void* at, std::size_t size, int protection) noexcept {
  if (runtime.watching && in_arena(reinterpret_cast<std::uintptr_t>(at))) {
    const ExplorerScope explorer_scope;
    runtime.notes.add("not controlled: the protection of memory that the subject asks for with mprotect()");
    return 0;
  }
  return reinterpret_cast<int (*)(void*, std::size_t, int)>(next_symbol("mprotect"))(at, size, protection);
}
RACETRACK_INTERPOSED int madvise(void* at, std::size_t size, int advice) noexcept {
  if (runtime.watching && in_arena(reinterpret_cast<std::uintptr_t>(at))) {
    const ExplorerScope explorer_scope;
    if (advice == MADV_DONTNEED) std::memset(at, 0, whole_pages(size));
    return 0;
  }
  return reinterpret_cast<int (*)(void*, std::size_t, int)>(next_symbol("madvise"))(at, size, advice);
}
