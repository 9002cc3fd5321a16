// A coroutine for each chain, as asyncio has it: each awaits its request, its response, and its timer, and all share one thread.
#include <utility>  // before Asio: Boost 1.74 misses it with g++ 12

#include <cstddef>
#include <cstdint>
#include <string>

#include <boost/asio/awaitable.hpp>
#include <boost/asio/co_spawn.hpp>
#include <boost/asio/detached.hpp>
#include <boost/asio/io_context.hpp>
#include <boost/asio/post.hpp>
#include <boost/asio/redirect_error.hpp>
#include <boost/asio/use_awaitable.hpp>
#include <boost/asio/write.hpp>

#include <racetrack/async_io.hpp>
#include <racetrack/plugin.hpp>

#include "asio_connection.hpp"
#include "boost_version.hpp"

namespace {

namespace asio = boost::asio;
using boost::system::error_code;
using racetrack::async_io::Failure;
using racetrack::async_io::Journal;
using racetrack::async_io::Request;
using racetrack::async_io::Response;

/// Errors are values here: a failed request is nothing exceptional. `error` must outlive the operation.
auto into(error_code& error) { return asio::redirect_error(asio::use_awaitable_t<AsioConnection::Executor>(), error); }

using Awaitable = asio::awaitable<void, AsioConnection::Executor>;

class AsioCoroutines {
 public:
  static std::size_t at_once(std::size_t chains) { return chains; }

  void gather(Journal& journal) {
    // From within the loop: each begins at once, and what beginning needs is free again before the next one does.
    asio::post(loop_, [this, &journal] {
      for (std::size_t chain = 0; chain < journal.chains(); ++chain) {
        asio::co_spawn(loop_, serve(journal, chain), asio::detached);
      }
    });
    loop_.run();
  }

 private:
  Awaitable serve(Journal& journal, std::size_t chain) {
    AsioConnection connection(loop_);
    for (std::size_t step = 0; step < journal.requests(chain).size(); ++step) {
      const Request& request = journal.requests(chain)[step];
      journal.begin(chain, step);
      connection.give_up_after(request.patience);
      error_code error;
      co_await send(connection, request, error);
      while (!error) {
        co_await connection.socket().async_wait(AsioConnection::Socket::wait_read, into(error));
        if (error || connection.read(request, error)) break;
      }
      Response response = connection.end(error, request);
      const bool failed = response.failure != Failure::none;
      journal.end(chain, step, std::move(response));
      if (failed) break;
    }
  }

  // A coroutine of its own: what sending needs is given back before the wait for the response begins.
  static Awaitable send(AsioConnection& connection, const Request& request, error_code& error) {
    if (connection.wants_to_connect(request.port)) {
      co_await connection.socket().async_connect(loopback(request.port), into(error));
    }
    if (error) co_return;
    const std::string text = to_bytes(request);
    co_await asio::async_write(connection.socket(), asio::buffer(text), into(error));
  }

  asio::io_context loop_{1};
};

}  // namespace

RACETRACK_PLUGIN(registry) {
  using namespace racetrack::async_io;
  registry.add<Family, AsioCoroutines>("asio_coroutines", {.library = boost_version() + " asio"});
}
