#include "deadlock/real.hpp"

#include "deadlock/loaded_symbols.hpp"

namespace racetrack::deadlock {

Real real;

void resolve_real() noexcept {
  const link_map* const next = modules_after(_DYNAMIC);  // this library's own
#define RACETRACK_DEADLOCK_RESOLVE(name, result, parameters) \
  real.name = reinterpret_cast<result(*) parameters>(find_function_from(next, #name));
  RACETRACK_DEADLOCK_REAL(RACETRACK_DEADLOCK_RESOLVE)
#undef RACETRACK_DEADLOCK_RESOLVE
}

}  // namespace racetrack::deadlock
