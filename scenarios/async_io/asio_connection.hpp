// What both event-loop clients share of a connection: the socket, the timer that gives a request up, and the end of a request.
#pragma once

#include <utility>  // before Asio: Boost 1.74 misses it with g++ 12

#include <chrono>
#include <cstdint>

#include <boost/asio/error.hpp>
#include <boost/asio/io_context.hpp>
#include <boost/asio/ip/tcp.hpp>
#include <boost/asio/steady_timer.hpp>

#include <racetrack/async_io/journal.hpp>

#include "http.hpp"

inline boost::asio::ip::tcp::endpoint loopback(std::uint16_t port) {
  return {boost::asio::ip::address_v4::loopback(), port};
}

/// Not thread-safe. Outlives its operations; the timer's own may come after its end.
class AsioConnection {
 public:
  using Socket = boost::asio::ip::tcp::socket;
  using error_code = boost::system::error_code;

  explicit AsioConnection(boost::asio::io_context& loop) : socket_(loop), timer_(loop) {}
  AsioConnection(const AsioConnection&) = delete;
  AsioConnection& operator=(const AsioConnection&) = delete;
  ~AsioConnection() { close(); }

  Socket& socket() noexcept { return socket_; }
  ResponseParser& parser() noexcept { return parser_; }

  /// After that time whatever the socket is doing ends with operation_aborted, unless end() comes first.
  void give_up_after(std::chrono::milliseconds patience) {
    timer_.expires_after(patience);
    timer_.async_wait([this](const error_code& error) {
      // A timer that had expired before it was cancelled says no error: then its time is another one's by now.
      if (error || timer_.expiry() > std::chrono::steady_clock::now()) return;
      given_up_ = true;
      socket_.close();
    });
  }

  /// False: there is a connection to that port, and it is good.
  bool wants_to_connect(std::uint16_t port) {
    if (socket_.is_open() && port_ == port) return false;
    close();
    port_ = port;
    return true;
  }

  /// What came of the request, whose last operation ended with `error`, or whose response is whole.
  racetrack::async_io::Response end(const error_code& error, const racetrack::async_io::Request& request) {
    timer_.cancel();
    if (given_up_) return timed_out(request);
    if (error == boost::asio::error::eof) {
      parser_.end(request);
      return parser_.take();
    }
    if (error) return failed(error, request);
    racetrack::async_io::Response response = parser_.take();
    if (!parser_.keeps_alive()) close();
    return response;
  }

 private:
  void close() noexcept {
    if (!socket_.is_open()) return;
    // Reset, not a farewell: thousands of connections in TIME_WAIT would use up the ports of the machine.
    error_code ignored;
    socket_.set_option(boost::asio::socket_base::linger(true, 0), ignored);
    socket_.close(ignored);
  }

  Socket socket_;
  boost::asio::steady_timer timer_;
  ResponseParser parser_;
  std::uint16_t port_ = 0;
  bool given_up_ = false;
};
