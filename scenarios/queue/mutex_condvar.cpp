// The lecture's queue on a plain mutex: std::mutex and std::condition_variable. See mutex_condvar.hpp.
#include "mutex_condvar.hpp"

#include <condition_variable>
#include <mutex>

#include <racetrack/plugin.hpp>
#include <racetrack/queue.hpp>
#include <racetrack/standard_library.hpp>

namespace {

template <class Item>
using Queue = MutexCondvarQueue<Item, std::mutex, std::condition_variable>;

}  // namespace

RACETRACK_PLUGIN(registry) {
  registry.add<racetrack::queue::Family, Queue>("mutex_condvar", {.library = racetrack::standard_library()});
}
