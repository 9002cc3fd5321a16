// A coroutine for each chain, as in asyncio: it awaits its connection and its response. All coroutines share one
// thread.

// clang 14 has C++20's coroutines but does not report them, and Boost 1.74 then looks for an experimental header.
#ifdef __clang__
#ifndef __cpp_impl_coroutine
#define __cpp_impl_coroutine 201902L  // NOLINT(bugprone-reserved-identifier,cert-dcl37-c,cert-dcl51-cpp)
#endif
#define BOOST_ASIO_HAS_CO_AWAIT 1
#define BOOST_ASIO_HAS_STD_COROUTINE 1
#endif
#include <utility>  // before Asio: Boost 1.74 misses it with g++ 12

#include <cstddef>

#include <boost/asio/awaitable.hpp>
#include <boost/asio/co_spawn.hpp>
#include <boost/asio/detached.hpp>
#include <boost/asio/io_context.hpp>
#include <boost/asio/redirect_error.hpp>
#include <boost/asio/use_awaitable.hpp>

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

/// Returns errors as values, because a failed request is not exceptional here. `error` must outlive the operation.
auto into(error_code& error) { return asio::redirect_error(asio::use_awaitable_t<AsioConnection::Executor>(), error); }

using Awaitable = asio::awaitable<void, AsioConnection::Executor>;

class AsioCoroutines {
 public:
  static std::size_t at_once(std::size_t chains) { return chains; }

  void gather(Journal& journal) {
    for (std::size_t chain = 0; chain < journal.chains(); ++chain) {
      asio::co_spawn(loop_, serve(journal, chain), asio::detached);
    }
    loop_.run();
  }

 private:
  Awaitable serve(Journal& journal, std::size_t chain) {
    AsioConnection connection(loop_);
    for (std::size_t step = 0; step < journal.requests(chain).size(); ++step) {
      const Request& request = journal.requests(chain)[step];
      journal.begin(chain, step);
      connection.begin(request.timeout);
      error_code error;
      if (connection.wants_to_connect(request.port)) {
        co_await connection.socket().async_connect(loopback(request.port), into(error));
      }
      while (!error && !connection.write(request, error)) {
        co_await connection.socket().async_wait(AsioConnection::Socket::wait_write, into(error));
      }
      while (!error) {
        co_await connection.socket().async_wait(AsioConnection::Socket::wait_read, into(error));
        if (error || connection.read(request, error)) break;
      }
      if (!end(connection, journal, chain, step, error)) break;
    }
  }

  /// Returns false when the chain ends here. Not a coroutine: its variables are on the stack, so no waiting coroutine
  /// stores them.
  static bool end(AsioConnection& connection, Journal& journal, std::size_t chain, std::size_t step,
                  const error_code& error) {
    Response response = connection.end(error, journal.requests(chain)[step]);
    const bool failed = response.failure != Failure::none;
    journal.end(chain, step, std::move(response));
    return !failed;
  }

  asio::io_context loop_{1};
};

}  // namespace

RACETRACK_PLUGIN(registry) {
  using namespace racetrack::async_io;
  registry.add<Family, AsioCoroutines>("asio_coroutines", {.library = boost_version() + " asio"});
}
