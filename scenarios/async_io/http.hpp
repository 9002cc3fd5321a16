// HTTP/1.1 for clients: what goes out and what comes in, as bytes, without a socket. Boost.Beast is behind it, in one source file.
#pragma once

#include <cstddef>
#include <memory>
#include <span>
#include <string>
#include <system_error>

#include <racetrack/async_io/journal.hpp>

/// Bytes that a client reads at a time; the responses of the good server are shorter.
inline constexpr std::size_t kReadSize = 256;

/// The bytes of a request.
std::string to_bytes(const racetrack::async_io::Request& request);

/// A failed operation as a failed request, in words.
racetrack::async_io::Response failed(const std::error_code& error, const racetrack::async_io::Request& request);
/// Its patience has ended.
racetrack::async_io::Response timed_out(const racetrack::async_io::Request& request);

/// Reads one response after the other from the bytes of a connection. Between two responses, and until the first byte of the next, it
/// holds nothing but a pointer.
class ResponseParser {
 public:
  ResponseParser();
  ResponseParser(ResponseParser&&) noexcept;
  ResponseParser& operator=(ResponseParser&&) noexcept;
  ~ResponseParser();

  /// True when `bytes` have made the response whole, or impossible: then take() it. False: it needs more.
  bool put(std::span<const char> bytes, const racetrack::async_io::Request& request);
  /// The connection has ended. Nothing that was sent is missing, or the response is a failure: take() it.
  void end(const racetrack::async_io::Request& request);
  racetrack::async_io::Response take();
  /// The response that was taken last said that the connection stays open.
  [[nodiscard]] bool keeps_alive() const noexcept { return keeps_alive_; }

 private:
  struct State;
  std::unique_ptr<State> state_;
  bool keeps_alive_ = true;
};
