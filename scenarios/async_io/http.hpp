// HTTP/1.1 for clients: converts requests to bytes and bytes to responses, without a socket. Boost.Beast does the
// parsing; only one source file includes it.
#pragma once

#include <cstddef>
#include <memory>
#include <span>
#include <string>
#include <system_error>

#include <racetrack/async_io/journal.hpp>

/// The number of bytes that a client reads at a time. The responses of the correct server are shorter.
inline constexpr std::size_t kReadSize = 256;

/// The bytes of a request.
std::string to_bytes(const racetrack::async_io::Request& request);

/// A failed operation as the response of a failed request, with an error message.
racetrack::async_io::Response failed(const std::error_code& error, const racetrack::async_io::Request& request);
/// The response of a request whose patience has ended.
racetrack::async_io::Response timed_out(const racetrack::async_io::Request& request);

/// Reads one response after the other from the bytes of a connection. Before the first byte of a response it holds only
/// a pointer.
class ResponseParser {
 public:
  ResponseParser();
  ResponseParser(ResponseParser&&) noexcept;
  ResponseParser& operator=(ResponseParser&&) noexcept;
  ~ResponseParser();

  /// Returns true when `bytes` complete the response or make it invalid: call take(). Returns false when it needs more
  /// bytes.
  bool put(std::span<const char> bytes, const racetrack::async_io::Request& request);
  /// The connection has ended, so the response is a failure: call take().
  void end(const racetrack::async_io::Request& request);
  racetrack::async_io::Response take();
  /// Whether the last response taken keeps the connection open.
  [[nodiscard]] bool keeps_alive() const noexcept { return keeps_alive_; }

 private:
  struct State;
  std::unique_ptr<State> state_;
  bool keeps_alive_ = true;
};
