// A chain of callbacks for each chain of requests: every operation names the function to call when it has ended.
#include <racetrack/async_io.hpp>
#include <racetrack/plugin.hpp>

#include "asio_callbacks.hpp"
#include "boost_version.hpp"

RACETRACK_PLUGIN(registry) {
  using namespace racetrack::async_io;
  registry.add<Family, CallbackClient<CallbackExchange>>("asio_callbacks", {.library = boost_version() + " asio"});
}
