// The lecture's pool on std::mutex and std::condition_variable. See mutex_condvar_pool.hpp.
#include "mutex_condvar_pool.hpp"

#include <racetrack/plugin.hpp>
#include <racetrack/pool.hpp>
#include <racetrack/standard_library.hpp>

RACETRACK_PLUGIN(registry) {
  registry.add<racetrack::pool::Family, MutexCondvarPool>("mutex_condvar", {.library = racetrack::standard_library()});
}
