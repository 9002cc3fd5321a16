// The lecture's queue as in Python, where a condition's lock is an RLock: std::recursive_mutex, which only
// std::condition_variable_any can wait on. The body is that of mutex_condvar, so the difference is the cost of the
// lock.
#include <condition_variable>
#include <mutex>

#include <racetrack/plugin.hpp>
#include <racetrack/queue.hpp>
#include <racetrack/standard_library.hpp>

#include "mutex_condvar.hpp"

namespace {

template <class Item>
using Queue = MutexCondvarQueue<Item, std::recursive_mutex, std::condition_variable_any>;

}  // namespace

RACETRACK_PLUGIN(registry) {
  registry.add<racetrack::queue::Family, Queue>("recursive_mutex_condvar_any",
                                                {.library = racetrack::standard_library()});
}
