// racetrack_http_server PARENT: an HTTP/1.1 server for clients under test, on a free port of 127.0.0.1. Prints "PORT
// REFUSING_PORT" (the second refuses connections), then serves until its standard input or the process PARENT ends.
//
// One thread with an event loop: there are many connections, and most requests only wait.
#include <utility>  // before Asio: Boost 1.74 misses it with g++ 12

#include <array>
#include <chrono>
#include <cstdint>
#include <cstdlib>
#include <iostream>
#include <memory>
#include <string>
#include <vector>

#include <sys/prctl.h>
#include <sys/resource.h>
#include <unistd.h>

#include <boost/asio/io_context.hpp>
#include <boost/asio/ip/tcp.hpp>
#include <boost/asio/posix/stream_descriptor.hpp>
#include <boost/asio/read_until.hpp>
#include <boost/asio/steady_timer.hpp>
#include <boost/asio/streambuf.hpp>
#include <boost/asio/write.hpp>
#include <boost/beast/core/flat_buffer.hpp>
#include <boost/beast/http.hpp>

#include "command.hpp"

namespace http_server {
namespace {

namespace asio = boost::asio;
namespace http = boost::beast::http;
using asio::ip::tcp;
using boost::system::error_code;

class Session;

/// The requests that wait for a release. Prints "held" once the expected number waits.
class Held {
 public:
  void expect(std::size_t requests) {
    expected_ = requests;
    report_when_complete();
  }
  void add(std::shared_ptr<Session> session) {
    waiting_.push_back(std::move(session));
    report_when_complete();
  }
  void release();

 private:
  void report_when_complete() {
    if (expected_ == 0 || waiting_.size() < expected_) return;
    expected_ = 0;
    std::cout << "held" << std::endl;
  }

  std::size_t expected_ = 0;
  std::vector<std::shared_ptr<Session>> waiting_;
};

/// One connection. Lives as long as one of its operations is pending.
class Session : public std::enable_shared_from_this<Session> {
 public:
  Session(tcp::socket socket, Held& held) : socket_(std::move(socket)), timer_(socket_.get_executor()), held_(held) {
    error_code ignored;
    socket_.set_option(tcp::no_delay(true), ignored);
  }

  void read() {
    request_ = {};
    http::async_read(socket_, buffer_, request_, [self = shared_from_this()](error_code error, std::size_t) {
      if (!error) self->execute();
    });
  }

  void answer() {
    response_ = {};
    response_.version(11);
    response_.keep_alive(request_.keep_alive());
    response_.body() = std::to_string(command_.id);
    respond();
  }

 private:
  void execute() {
    const std::string_view target(request_.target().data(), request_.target().size());
    const auto command = parse_command(target);
    if (!command) {
      response_ = {};
      response_.version(11);
      response_.result(http::status::bad_request);
      response_.keep_alive(request_.keep_alive());
      return respond();
    }
    command_ = *command;
    switch (command_.action) {
      case Action::delay: return command_.amount == 0 ? answer() : after(command_.amount, [this] { answer(); });
      case Action::hold: return held_.add(shared_from_this());
      case Action::reset:
        return send("HTTP/1.1 200 OK\r\nContent-Length: " + std::to_string(command_.amount + 1000) + "\r\n\r\n" +
                        std::string(command_.amount, '7'),
                    [this] { reset(); });
      case Action::slow: return send("HTTP/1.1 200 OK\r\nContent-Length: 1000000000\r\n\r\n", [this] { drip(); });
      case Action::garbage: return send("\x16\x03\x01 no HTTP at all\r\n\r\n", [] {});
    }
  }

  void respond() {
    response_.prepare_payload();
    http::async_write(socket_, response_, [self = shared_from_this()](error_code error, std::size_t) {
      if (!error && self->response_.keep_alive()) self->read();
    });
  }
  template <class Then>
  void send(std::string text, Then then) {
    text_ = std::move(text);
    asio::async_write(socket_, asio::buffer(text_), [self = shared_from_this(), then](error_code error, std::size_t) {
      if (!error) then();
    });
  }
  template <class Then>
  void after(std::uint64_t microseconds, Then then) {
    timer_.expires_after(std::chrono::microseconds(microseconds));
    timer_.async_wait([self = shared_from_this(), then](error_code error) {
      if (!error) then();
    });
  }
  void drip() {
    after(command_.amount, [this] { send("7", [this] { drip(); }); });
  }
  void reset() {
    error_code ignored;
    socket_.set_option(asio::socket_base::linger(true, 0), ignored);
    socket_.close(ignored);
  }

  tcp::socket socket_;
  asio::steady_timer timer_;
  Held& held_;
  boost::beast::flat_buffer buffer_;
  http::request<http::empty_body> request_;
  http::response<http::string_body> response_;
  std::string text_;
  Command command_;
};

void Held::release() {
  for (const auto& session : std::exchange(waiting_, {})) session->answer();
}

class Server {
 public:
  explicit Server(asio::io_context& loop)
      : acceptor_(loop, {asio::ip::address_v4::loopback(), 0}),
        refusing_(loop),
        pause_(loop),
        commands_(loop, dup(STDIN_FILENO)) {
    acceptor_.listen(asio::socket_base::max_listen_connections);
    refusing_.open(tcp::v4());
    refusing_.bind({asio::ip::address_v4::loopback(), 0});  // without listen, so it refuses connections
    std::cout << acceptor_.local_endpoint().port() << ' ' << refusing_.local_endpoint().port() << std::endl;
    accept();
    read_command();
  }

 private:
  void accept() {
    acceptor_.async_accept([this](error_code error, tcp::socket socket) {
      if (error) return accept_later();
      std::make_shared<Session>(std::move(socket), held_)->read();
      accept();
    });
  }
  /// Retries after a pause, because accept may have failed for lack of descriptors.
  void accept_later() {
    pause_.expires_after(std::chrono::milliseconds(10));
    pause_.async_wait([this](error_code) { accept(); });
  }
  void read_command() {
    asio::async_read_until(commands_, typed_, '\n', [this](error_code error, std::size_t) {
      if (error) std::_Exit(0);  // the parent has closed the pipe
      std::istream input(&typed_);
      std::string word;
      std::size_t number = 0;
      input >> word;
      if (word == "hold") {
        input >> number;
        held_.expect(number);
      } else if (word == "release") {
        held_.release();
      }
      input.ignore(1000, '\n');
      read_command();
    });
  }

  tcp::acceptor acceptor_;
  tcp::socket refusing_;
  asio::steady_timer pause_;
  asio::posix::stream_descriptor commands_;
  asio::streambuf typed_;
  Held held_;
};

/// Raises the limit of open descriptors to the system's maximum.
void raise_limit() {
  rlimit limit{};
  getrlimit(RLIMIT_NOFILE, &limit);
  limit.rlim_cur = limit.rlim_max;
  setrlimit(RLIMIT_NOFILE, &limit);
}

}  // namespace
}  // namespace http_server

int main(int argc, char** argv) {
  if (argc != 2) {
    std::cerr << "usage: racetrack_http_server PARENT (a process ID; the server runs until that process ends)\n";
    return 2;
  }
  prctl(PR_SET_PDEATHSIG, SIGKILL);
  if (getppid() != std::atoi(argv[1])) return 0;  // the parent had already ended
  signal(SIGPIPE, SIG_IGN);
  try {
    http_server::raise_limit();
    boost::asio::io_context loop(1);
    const http_server::Server server(loop);
    loop.run();
  } catch (const std::exception& error) {
    std::cerr << "racetrack_http_server: " << error.what() << '\n';
    return 70;
  }
}
