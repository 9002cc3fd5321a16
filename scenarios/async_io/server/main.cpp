// racetrack_http_server PARENT: an HTTP/1.1 server for clients under test, on a free port of 127.0.0.1. Prints "PORT REFUSING_PORT"
// (on the second nobody listens), then serves until its standard input ends or the process PARENT does.
//
// One thread and an event loop: connections are many, and what they ask for is to wait.
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

#include "orders.hpp"

namespace http_server {
namespace {

namespace asio = boost::asio;
namespace http = boost::beast::http;
using asio::ip::tcp;
using boost::system::error_code;

class Session;

/// Requests that wait to be released.
class Held {
 public:
  void expect(std::size_t requests) {
    expected_ = requests;
    tell();
  }
  void add(std::shared_ptr<Session> session) {
    waiting_.push_back(std::move(session));
    tell();
  }
  void release();

 private:
  void tell() {
    if (expected_ == 0 || waiting_.size() < expected_) return;
    expected_ = 0;
    std::cout << "held" << std::endl;
  }

  std::size_t expected_ = 0;
  std::vector<std::shared_ptr<Session>> waiting_;
};

/// One connection. Lives as long as an operation of it is under way.
class Session : public std::enable_shared_from_this<Session> {
 public:
  Session(tcp::socket socket, Held& held) : socket_(std::move(socket)), timer_(socket_.get_executor()), held_(held) {
    error_code ignored;
    socket_.set_option(tcp::no_delay(true), ignored);
  }

  void read() {
    request_ = {};
    http::async_read(socket_, buffer_, request_, [self = shared_from_this()](error_code error, std::size_t) {
      if (!error) self->obey();
    });
  }

  void answer() {
    response_ = {};
    response_.version(11);
    response_.keep_alive(request_.keep_alive());
    response_.body() = std::to_string(order_.id);
    respond();
  }

 private:
  void obey() {
    const std::string_view target(request_.target().data(), request_.target().size());
    const auto order = order_of(target);
    if (!order) {
      response_ = {};
      response_.version(11);
      response_.result(http::status::bad_request);
      response_.keep_alive(request_.keep_alive());
      return respond();
    }
    order_ = *order;
    switch (order_.what) {
      case What::delay: return order_.amount == 0 ? answer() : after(order_.amount, [this] { answer(); });
      case What::hold: return held_.add(shared_from_this());
      case What::reset:
        return send("HTTP/1.1 200 OK\r\nContent-Length: " + std::to_string(order_.amount + 1000) + "\r\n\r\n" +
                        std::string(order_.amount, '7'),
                    [this] { reset(); });
      case What::slow: return send("HTTP/1.1 200 OK\r\nContent-Length: 1000000000\r\n\r\n", [this] { drip(); });
      case What::garbage: return send("\x16\x03\x01 no HTTP at all\r\n\r\n", [] {});
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
    after(order_.amount, [this] { send("7", [this] { drip(); }); });
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
  Order order_;
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
    refusing_.bind({asio::ip::address_v4::loopback(), 0});  // and no listen
    std::cout << acceptor_.local_endpoint().port() << ' ' << refusing_.local_endpoint().port() << std::endl;
    accept();
    obey();
  }

 private:
  void accept() {
    acceptor_.async_accept([this](error_code error, tcp::socket socket) {
      if (error) return accept_later();
      std::make_shared<Session>(std::move(socket), held_)->read();
      accept();
    });
  }
  /// Out of descriptors, perhaps: when some are free again.
  void accept_later() {
    pause_.expires_after(std::chrono::milliseconds(10));
    pause_.async_wait([this](error_code) { accept(); });
  }
  void obey() {
    asio::async_read_until(commands_, typed_, '\n', [this](error_code error, std::size_t) {
      if (error) std::_Exit(0);  // nobody is left who could want anything
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
      obey();
    });
  }

  tcp::acceptor acceptor_;
  tcp::socket refusing_;
  asio::steady_timer pause_;
  asio::posix::stream_descriptor commands_;
  asio::streambuf typed_;
  Held held_;
};

/// As many descriptors as the system allows.
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
    std::cerr << "usage: racetrack_http_server PARENT (a process; it serves until that ends)\n";
    return 2;
  }
  prctl(PR_SET_PDEATHSIG, SIGKILL);
  if (getppid() != std::atoi(argv[1])) return 0;  // it had gone before
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
