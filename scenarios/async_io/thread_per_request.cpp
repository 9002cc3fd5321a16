// A thread for each chain: it makes a request, sleeps until the response has arrived, and makes the next.
#include <cstddef>
#include <thread>
#include <vector>

#include <racetrack/async_io.hpp>
#include <racetrack/plugin.hpp>
#include <racetrack/standard_library.hpp>

#include "blocking_connection.hpp"

namespace {

class ThreadPerRequest {
 public:
  static std::size_t at_once(std::size_t chains) { return chains; }

  void gather(racetrack::async_io::Journal& journal) {
    std::vector<std::jthread> threads;
    threads.reserve(journal.chains());
    for (std::size_t chain = 0; chain < journal.chains(); ++chain) {
      threads.emplace_back([&journal, chain] { serve_chain(journal, chain); });
    }
  }
};

}  // namespace

RACETRACK_PLUGIN(registry) {
  using namespace racetrack::async_io;
  registry.add<Family, ThreadPerRequest>("thread_per_request",
                                         {.library = racetrack::standard_library(), .waiting = Waiting::thread_each});
}
