// A connection whose thread waits for each response: plain sockets, without a library.
#pragma once

#include <chrono>
#include <cstdint>

#include <racetrack/async_io/journal.hpp>

#include "http.hpp"

class BlockingConnection {
 public:
  BlockingConnection() = default;
  BlockingConnection(const BlockingConnection&) = delete;
  BlockingConnection& operator=(const BlockingConnection&) = delete;
  ~BlockingConnection();

  /// Makes the request and waits for its response. Reuses the previous request's connection when the port is the same.
  racetrack::async_io::Response get(const racetrack::async_io::Request& request);

 private:
  using Deadline = std::chrono::steady_clock::time_point;

  void connect(std::uint16_t port);
  void send(const racetrack::async_io::Request& request, Deadline deadline) const;
  racetrack::async_io::Response receive(const racetrack::async_io::Request& request, Deadline deadline);
  void close() noexcept;

  int socket_ = -1;
  std::uint16_t port_ = 0;
  ResponseParser parser_;
};

/// Makes all requests of one chain, one after the other, on the calling thread.
void serve_chain(racetrack::async_io::Journal& journal, std::size_t chain);
