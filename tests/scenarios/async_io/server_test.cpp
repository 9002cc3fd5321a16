// The server, queried over plain sockets: its answers, and its end with the process that started it.
#include <array>
#include <cerrno>
#include <csignal>
#include <cstdint>
#include <cstdlib>
#include <fstream>
#include <memory>
#include <string>
#include <system_error>
#include <thread>

#include <arpa/inet.h>
#include <gtest/gtest.h>
#include <netinet/in.h>
#include <sys/socket.h>
#include <sys/wait.h>
#include <unistd.h>

#include <racetrack/async_io/server.hpp>

namespace racetrack::async_io {
namespace {

class Connection {
 public:
  explicit Connection(std::uint16_t port) : socket_(socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0)) {
    sockaddr_in address{};
    address.sin_family = AF_INET;
    address.sin_port = htons(port);
    address.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
    error_ = connect(socket_, reinterpret_cast<const sockaddr*>(&address), sizeof address) == 0 ? 0 : errno;
  }
  Connection(const Connection&) = delete;
  Connection& operator=(const Connection&) = delete;
  ~Connection() { close(socket_); }

  [[nodiscard]] int error() const { return error_; }

  void ask(const std::string& target) const {
    const std::string text = "GET " + target + " HTTP/1.1\r\nHost: test\r\n\r\n";
    EXPECT_EQ(send(socket_, text.data(), text.size(), MSG_NOSIGNAL), static_cast<ssize_t>(text.size()));
  }
  /// Reads until the text contains `enough` or the connection ends; error() returns the cause.
  std::string read_until(const std::string& enough) {
    std::string text;
    std::array<char, 4096> bytes;
    while (text.find(enough) == std::string::npos) {
      const ssize_t n = recv(socket_, bytes.data(), bytes.size(), 0);
      error_ = n < 0 ? errno : 0;
      if (n <= 0) break;
      text.append(bytes.data(), static_cast<std::size_t>(n));
    }
    return text;
  }

 private:
  int socket_;
  int error_ = 0;
};

constexpr const char* kNever = "this does not come";

TEST(HttpServer, AnswersWithTheIdOfEachRequestOverOneConnection) {
  const Server server;
  Connection connection(server.port());
  for (const char* id : {"17", "18"}) {
    connection.ask(std::string("/delay/1000/id/") + id);
    EXPECT_NE(connection.read_until(std::string("\r\n\r\n") + id).find("HTTP/1.1 200 OK"), std::string::npos);
  }
}

TEST(HttpServer, RefusesOnItsSecondPort) {
  const Server server;
  EXPECT_EQ(Connection(server.refusing_port()).error(), ECONNREFUSED);
}

TEST(HttpServer, ResetsInTheMiddleOfABody) {
  const Server server;
  Connection connection(server.port());
  connection.ask("/reset/10/id/1");
  const std::string text = connection.read_until(kNever);
  EXPECT_EQ(connection.error(), ECONNRESET);
  EXPECT_TRUE(text.empty() || text.find("Content-Length: 1010") != std::string::npos) << text;
}

TEST(HttpServer, DripsABodyThatDoesNotEnd) {
  const Server server;
  Connection connection(server.port());
  connection.ask("/slow/100/id/1");
  EXPECT_NE(connection.read_until("\r\n\r\n7777777").find("Content-Length: 1000000000"), std::string::npos);
}

TEST(HttpServer, SendsGarbage) {
  const Server server;
  Connection connection(server.port());
  connection.ask("/garbage/0/id/1");
  const std::string text = connection.read_until(kNever);
  EXPECT_FALSE(text.empty());
  EXPECT_NE(text.substr(0, 4), "HTTP");
}

TEST(HttpServer, AnswersATargetWithoutACommandWithBadRequest) {
  const Server server;
  for (const char* target : {"/", "/delay/1/id/", "/delay/x/id/1", "/delay/1/id/1/2", "/fly/1/id/1"}) {
    Connection connection(server.port());
    connection.ask(target);
    EXPECT_NE(connection.read_until("\r\n\r\n").find("400 Bad Request"), std::string::npos) << target;
  }
}

TEST(HttpServer, HoldsRequestsUntilTheRelease) {
  Server server;
  Connection first(server.port()), second(server.port());
  server.hold(2);
  first.ask("/hold/0/id/1");
  second.ask("/hold/0/id/2");
  server.await_held();
  server.release();
  EXPECT_NE(first.read_until("\r\n\r\n1").find("200 OK"), std::string::npos);
  EXPECT_NE(second.read_until("\r\n\r\n2").find("200 OK"), std::string::npos);
}

TEST(HttpServer, ListensOnTheLoopbackOnly) {
  const Server server;
  std::ifstream table("/proc/" + std::to_string(server.process()) + "/net/tcp");
  std::array<char, 16> port{};
  std::snprintf(port.data(), port.size(), ":%04X", static_cast<unsigned>(server.port()));
  std::size_t listening = 0;
  for (std::string line; std::getline(table, line);) {
    if (line.find(port.data()) == std::string::npos || line.find(" 0A ") == std::string::npos) continue;
    ++listening;
    EXPECT_NE(line.find("0100007F" + std::string(port.data())), std::string::npos) << line;
  }
  EXPECT_EQ(listening, 1U);
}

TEST(HttpServer, EndsWithItsDestructorAndLeavesNoDescriptor) {
  const auto count = [] {
    std::size_t open = 0;
    for (int descriptor = 0; descriptor < 1024; ++descriptor) open += fcntl(descriptor, F_GETFD) >= 0 ? 1 : 0;
    return open;
  };
  const std::size_t before = count();
  auto server = std::make_unique<Server>();
  const pid_t process = server->process();
  EXPECT_EQ(kill(process, 0), 0);
  server.reset();
  EXPECT_EQ(kill(process, 0), -1);
  EXPECT_EQ(count(), before);
}

TEST(HttpServer, EndsWithTheProcessThatStartedIt) {
  std::array<int, 2> pipe_ends{};
  ASSERT_EQ(pipe(pipe_ends.data()), 0);
  const pid_t parent = fork();
  if (parent == 0) {
    const Server server;
    const pid_t process = server.process();
    if (write(pipe_ends[1], &process, sizeof process) != sizeof process) _exit(1);
    kill(getpid(), SIGKILL);
  }
  pid_t process = 0;
  ASSERT_EQ(read(pipe_ends[0], &process, sizeof process), static_cast<ssize_t>(sizeof process));
  waitpid(parent, nullptr, 0);
  close(pipe_ends[0]);
  close(pipe_ends[1]);
  // The server is not a child of this process, so waitpid cannot wait for it. A zombie of another process counts as
  // ended.
  const auto runs = [process] {
    std::ifstream status("/proc/" + std::to_string(process) + "/stat");
    std::string text;
    return std::getline(status, text) && text.find(") Z ") == std::string::npos;
  };
  while (runs()) std::this_thread::yield();
}

TEST(HttpServer, MissingProgramIsNamed) {
  const std::string known = Server::find().string();
  setenv("RACETRACK_HTTP_SERVER", "/nonexistent/server", 1);
  try {
    const Server server;
    FAIL() << "started";
  } catch (const std::runtime_error& error) {
    EXPECT_NE(std::string(error.what()).find("/nonexistent/server"), std::string::npos) << error.what();
  }
  setenv("RACETRACK_HTTP_SERVER", known.c_str(), 1);
}

}  // namespace
}  // namespace racetrack::async_io
