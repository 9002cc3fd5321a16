#include "explore/world/layout.hpp"

#include <cerrno>
#include <cstdio>
#include <cstring>

#include <sys/mman.h>
#include <sys/syscall.h>
#include <unistd.h>

#include "explore/interpose/real.hpp"

namespace racetrack::explore {
namespace {

[[gnu::section("racetrack_state")]] std::uintptr_t next_mapping = kOwnMappingsBase;

}  // namespace

void* map_memory(std::uintptr_t address, std::size_t size) {
  if (address == 0) {
    address = next_mapping;
    next_mapping += (size + 4095) & ~std::size_t{4095};
  }
  const long mapped = raw_syscall(SYS_mmap, static_cast<long>(address), static_cast<long>(size), PROT_READ | PROT_WRITE,
                                  MAP_PRIVATE | MAP_ANONYMOUS | MAP_NORESERVE | MAP_FIXED_NOREPLACE, -1, 0);
  if (mapped > -4096 && mapped < 0) {
    // Nothing here allocates, because the heap itself may be the memory that cannot be mapped.
    char line[200];
    const int length = std::snprintf(line, sizeof line,
                                     "racetrack: explorer: cannot map %zu MiB at %#lx: error %ld; lift the limit on "
                                     "address space (ulimit -v)\n",
                                     size >> 20U, static_cast<unsigned long>(address), -mapped);
    raw_syscall(SYS_write, STDERR_FILENO, reinterpret_cast<long>(line), length);
    raw_syscall(SYS_exit_group, 70);
  }
  return reinterpret_cast<void*>(mapped);
}

}  // namespace racetrack::explore
