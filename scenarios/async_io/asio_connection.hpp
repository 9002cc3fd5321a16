// The part of a connection that both event-loop clients share: the socket, the timer that ends a request, and the
// result of a request.
#pragma once

#include <utility>  // before Asio: Boost 1.74 misses it with g++ 12

#include <array>
#include <chrono>
#include <cstddef>
#include <cstdint>
#include <string>

#include <boost/asio/basic_stream_socket.hpp>
#include <boost/asio/basic_waitable_timer.hpp>
#include <boost/asio/buffer.hpp>
#include <boost/asio/error.hpp>
#include <boost/asio/io_context.hpp>
#include <boost/asio/ip/tcp.hpp>

#include <racetrack/async_io/journal.hpp>

#include "http.hpp"

inline boost::asio::ip::tcp::endpoint loopback(std::uint16_t port) {
  return {boost::asio::ip::address_v4::loopback(), port};
}

/// Not thread-safe. Must outlive its operations. The executor has the loop's own type: the type-erased one takes four
/// times the space, in every object and every operation.
class AsioConnection {
 public:
  using Executor = boost::asio::io_context::executor_type;
  using Socket = boost::asio::basic_stream_socket<boost::asio::ip::tcp, Executor>;
  using Timer = boost::asio::basic_waitable_timer<std::chrono::steady_clock,
                                                  boost::asio::wait_traits<std::chrono::steady_clock>, Executor>;
  using ErrorCode = boost::system::error_code;

  explicit AsioConnection(boost::asio::io_context& loop) : socket_(loop), timer_(loop) {}
  AsioConnection(const AsioConnection&) = delete;
  AsioConnection& operator=(const AsioConnection&) = delete;
  ~AsioConnection() { close(); }

  Socket& socket() noexcept { return socket_; }

  /// Starts the timer of the next request. When `patience` has passed before end() is called, the socket's current
  /// operation ends with operation_aborted.
  void begin(std::chrono::milliseconds patience) {
    sent_ = 0;
    timer_.expires_after(patience);
    timer_.async_wait([this](const ErrorCode& error) {
      // A timer that expired before it was cancelled reports no error. By now it has been set for another request.
      if (error || timer_.expiry() > std::chrono::steady_clock::now()) return;
      given_up_ = true;
      close();
    });
  }

  /// Returns false when a usable connection to that port exists. Returns true when the socket is open and must connect.
  bool wants_to_connect(std::uint16_t port) {
    if (socket_.is_open() && port_ == port) return false;
    close();
    port_ = port;
    socket_.open(boost::asio::ip::tcp::v4());
    socket_.non_blocking(true);
    return true;
  }

  /// Writes as much of the request as possible now. Returns true when all of it is written or there is an `error`,
  /// false when the socket is not writable.
  bool write(const racetrack::async_io::Request& request, ErrorCode& error) {
    const std::string text = to_bytes(request);
    sent_ += socket_.write_some(boost::asio::buffer(text) + sent_, error);
    if (error == boost::asio::error::would_block) error.clear();
    return error || sent_ == text.size();
  }
  /// Reads the available bytes, once the socket has become readable: a waiting request needs no buffer until then.
  /// Returns true when the response is complete or there is an `error`.
  bool read(const racetrack::async_io::Request& request, ErrorCode& error) {
    std::array<char, kReadSize> bytes;
    const std::size_t n = socket_.read_some(boost::asio::buffer(bytes), error);
    if (error == boost::asio::error::would_block) error.clear();
    return error || parser_.put({bytes.data(), n}, request);
  }

  /// Returns the result of the request. Its last operation ended with `error`, or its response is complete.
  racetrack::async_io::Response end(const ErrorCode& error, const racetrack::async_io::Request& request) {
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
    // Reset instead of an orderly shutdown: thousands of connections in TIME_WAIT would use up the machine's ports.
    ErrorCode ignored;
    socket_.set_option(boost::asio::socket_base::linger(true, 0), ignored);
    socket_.close(ignored);
  }

  Socket socket_;
  Timer timer_;
  ResponseParser parser_;
  std::size_t sent_ = 0;  ///< bytes of the request
  std::uint16_t port_ = 0;
  bool given_up_ = false;
};
