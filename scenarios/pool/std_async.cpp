// std::async with std::launch::async: a thread and a future for every task.
//
// Source: the standard library. Progress: blocking. Caveat: the destructor of its futures waits for the task.
#include <cstddef>
#include <future>
#include <utility>

#include <racetrack/plugin.hpp>
#include <racetrack/pool.hpp>
#include <racetrack/standard_library.hpp>

namespace {

class StdAsync {
 public:
  explicit StdAsync(std::size_t /*threads*/) {}

  template <class Function>
  auto submit(Function function) {
    return std::async(std::launch::async, std::move(function));
  }
};

}  // namespace

RACETRACK_PLUGIN(registry) {
  registry.add<racetrack::pool::Family, StdAsync>(
      "std_async", {.library = racetrack::standard_library(), .thread_per_task = true, .nested = true});
}
