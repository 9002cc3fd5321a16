#include "blocking_connection.hpp"

#include <array>
#include <cerrno>
#include <string>
#include <system_error>

#include <arpa/inet.h>
#include <netinet/in.h>
#include <poll.h>
#include <sys/socket.h>
#include <unistd.h>

using racetrack::async_io::Failure;
using racetrack::async_io::Request;
using racetrack::async_io::Response;

namespace {

/// The error of the last system call, such as poll(2); thrown and caught in this file.
std::system_error last_error() { return {errno, std::generic_category()}; }

/// Waits until the descriptor is ready. Throws timed_out when the deadline has passed.
void await(int descriptor, short events, std::chrono::steady_clock::time_point deadline) {
  for (;;) {
    const auto left = std::chrono::ceil<std::chrono::milliseconds>(deadline - std::chrono::steady_clock::now());
    pollfd watched{descriptor, events, 0};
    const int ready = left.count() <= 0 ? 0 : poll(&watched, 1, static_cast<int>(left.count()));
    if (ready > 0) return;
    if (ready == 0) throw std::system_error(std::make_error_code(std::errc::timed_out));
    if (errno != EINTR) throw last_error();
  }
}

}  // namespace

BlockingConnection::~BlockingConnection() { close(); }

Response BlockingConnection::get(const Request& request) {
  const Deadline deadline = std::chrono::steady_clock::now() + request.timeout;
  try {
    if (socket_ < 0 || port_ != request.port) connect(request.port);
    send(request, deadline);
    Response response = receive(request, deadline);
    if (!parser_.keeps_alive()) close();
    return response;
  } catch (const std::system_error& error) {
    return error.code() == std::errc::timed_out ? timed_out(request) : failed(error.code(), request);
  }
}

void BlockingConnection::connect(std::uint16_t port) {
  close();
  socket_ = socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0);
  if (socket_ < 0) throw last_error();
  port_ = port;
  sockaddr_in address{};
  address.sin_family = AF_INET;
  address.sin_port = htons(port);
  address.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
  if (::connect(socket_, reinterpret_cast<const sockaddr*>(&address), sizeof address) != 0) throw last_error();
}

void BlockingConnection::send(const Request& request, Deadline deadline) const {
  const std::string bytes = to_bytes(request);
  for (std::size_t sent = 0; sent < bytes.size();) {
    await(socket_, POLLOUT, deadline);
    const ssize_t n = ::send(socket_, bytes.data() + sent, bytes.size() - sent, MSG_NOSIGNAL | MSG_DONTWAIT);
    if (n < 0 && errno != EINTR && errno != EAGAIN) throw last_error();
    if (n > 0) sent += static_cast<std::size_t>(n);
  }
}

Response BlockingConnection::receive(const Request& request, Deadline deadline) {
  for (;;) {
    await(socket_, POLLIN, deadline);
    std::array<char, kReadSize> bytes;
    const ssize_t n = recv(socket_, bytes.data(), bytes.size(), MSG_DONTWAIT);
    if (n < 0 && (errno == EINTR || errno == EAGAIN)) continue;
    if (n < 0) throw last_error();
    if (n == 0) {
      parser_.end(request);
      return parser_.take();
    }
    if (parser_.put(std::span(bytes).first(static_cast<std::size_t>(n)), request)) return parser_.take();
  }
}

void BlockingConnection::close() noexcept {
  if (socket_ < 0) return;
  // Reset instead of an orderly shutdown: thousands of connections in TIME_WAIT would use up the machine's ports.
  const linger now{1, 0};
  setsockopt(socket_, SOL_SOCKET, SO_LINGER, &now, sizeof now);
  ::close(socket_);
  socket_ = -1;
}

void serve_chain(racetrack::async_io::Journal& journal, std::size_t chain) {
  BlockingConnection connection;
  const auto requests = journal.requests(chain);
  for (std::size_t step = 0; step < requests.size(); ++step) {
    journal.begin(chain, step);
    Response response = connection.get(requests[step]);
    const bool failed = response.failure != Failure::none;
    journal.end(chain, step, std::move(response));
    if (failed) return;
  }
}
