#include "explore/world/layout.hpp"

#include <cerrno>
#include <cstdio>
#include <cstring>
#include <unistd.h>

#include <sys/mman.h>

namespace racetrack::explore {

void* map_memory(std::uintptr_t address, std::size_t size) {
  const int fixed = address != 0 ? MAP_FIXED_NOREPLACE : 0;
  void* const wanted = reinterpret_cast<void*>(address);
  void* const mapped =
      mmap(wanted, size, PROT_READ | PROT_WRITE, MAP_PRIVATE | MAP_ANONYMOUS | MAP_NORESERVE | fixed, -1, 0);
  if (mapped == MAP_FAILED || (address != 0 && mapped != wanted)) {
    std::fprintf(stderr,
                 "racetrack: explorer: cannot map %zu MiB at %p: %s; lift the limit on address space (ulimit -v)\n",
                 size >> 20U, wanted, std::strerror(errno));
    _exit(70);
  }
  return mapped;
}

}  // namespace racetrack::explore
