// A client built on callbacks: the exchange of one chain, and the loop that runs all exchanges.
#pragma once

#include <utility>  // before Asio: Boost 1.74 misses it with g++ 12

#include <cstddef>
#include <list>

#include <boost/asio/io_context.hpp>

#include <racetrack/async_io/contract.hpp>

#include "asio_connection.hpp"
#include "http.hpp"

template <class Exchange>
class CallbackClient {
 public:
  static std::size_t at_once(std::size_t chains) { return chains; }

  void gather(racetrack::async_io::Journal& journal) {
    std::list<Exchange> exchanges;  // a list, because exchanges must not move
    for (std::size_t chain = 0; chain < journal.chains(); ++chain) exchanges.emplace_back(loop_, journal, chain).next();
    loop_.run();
  }

 private:
  boost::asio::io_context loop_{1};
};

/// The requests of one chain. Outlives the loop's run.
class CallbackExchange {
 public:
  CallbackExchange(boost::asio::io_context& loop, racetrack::async_io::Journal& journal, std::size_t chain)
      : connection_(loop), journal_(journal), chain_(chain) {}

  /// Starts the next request, if there is one.
  void next() {
    if (step_ == journal_.requests(chain_).size()) return;
    journal_.begin(chain_, step_);
    connection_.begin(request().timeout);
    if (!connection_.wants_to_connect(request().port)) return send();
    connection_.socket().async_connect(loopback(request().port), [this](const ErrorCode& error) {
      if (error) return end(error);
      send();
    });
  }

 private:
  using ErrorCode = boost::system::error_code;

  [[nodiscard]] const racetrack::async_io::Request& request() const { return journal_.requests(chain_)[step_]; }

  void send() {
    ErrorCode error;
    if (!connection_.write(request(), error)) {
      return connection_.socket().async_wait(AsioConnection::Socket::wait_write, [this](const ErrorCode& failure) {
        if (failure) return end(failure);
        send();
      });
    }
    if (error) return end(error);
    receive();
  }
  void receive() {
    connection_.socket().async_wait(AsioConnection::Socket::wait_read, [this](ErrorCode error) {
      if (error || connection_.read(request(), error)) return end(error);
      receive();
    });
  }
  void end(const ErrorCode& error) {
    racetrack::async_io::Response response = connection_.end(error, request());
    const bool failed = response.failure != racetrack::async_io::Failure::none;
    journal_.end(chain_, step_, std::move(response));
    ++step_;
    if (!failed) next();
  }

  AsioConnection connection_;
  racetrack::async_io::Journal& journal_;
  std::size_t chain_, step_ = 0;
};
