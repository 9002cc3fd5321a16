// A pool of sixteen threads. Chains wait in its queue for a free thread, which then serves a chain to its end.
#include <utility>  // before Asio: Boost 1.74 misses it with g++ 12

#include <algorithm>
#include <cstddef>

#include <boost/asio/post.hpp>
#include <boost/asio/thread_pool.hpp>

#include <racetrack/async_io.hpp>
#include <racetrack/plugin.hpp>

#include "blocking_connection.hpp"
#include "boost_version.hpp"

namespace {

class Pool {
 public:
  static constexpr std::size_t kThreads = 16;
  static std::size_t at_once(std::size_t chains) { return std::min(chains, kThreads); }

  void gather(racetrack::async_io::Journal& journal) {
    boost::asio::thread_pool pool(at_once(journal.chains()));
    for (std::size_t chain = 0; chain < journal.chains(); ++chain) {
      boost::asio::post(pool, [&journal, chain] { serve_chain(journal, chain); });
    }
    pool.join();
  }
};

}  // namespace

RACETRACK_PLUGIN(registry) {
  using namespace racetrack::async_io;
  registry.add<Family, Pool>("pool", {.library = boost_version() + " asio", .waiting = Waiting::thread_each});
}
