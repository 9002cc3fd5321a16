#include "deadlock/real.hpp"

#include <cstring>

#include <dlfcn.h>

#include "deadlock/raw.hpp"

namespace racetrack::deadlock {

Real real;

namespace {

/// glibc keeps conditions of 1997 under the plain version; dlsym may find these.
void* next_symbol(const char* name) noexcept {
  if (std::strncmp(name, "pthread_cond_", 13) == 0) {
    if (void* const current = dlvsym(RTLD_NEXT, name, "GLIBC_2.3.2")) return current;
  }
  return dlsym(RTLD_NEXT, name);
}

}  // namespace

void resolve_real() noexcept {
#define RACETRACK_DEADLOCK_RESOLVE(name, result, parameters) \
  real.name = reinterpret_cast<result(*) parameters>(next_symbol(#name));
  RACETRACK_DEADLOCK_REAL(RACETRACK_DEADLOCK_RESOLVE)
#undef RACETRACK_DEADLOCK_RESOLVE
}

}  // namespace racetrack::deadlock
