// The HTTP server that clients are sent to: a process of its own on 127.0.0.1, so that its memory, threads and descriptors are not
// the client's.
#pragma once

#include <array>
#include <cerrno>
#include <csignal>
#include <cstddef>
#include <cstdint>
#include <cstdlib>
#include <filesystem>
#include <stdexcept>
#include <string>
#include <string_view>
#include <system_error>
#include <utility>

#include <fcntl.h>
#include <spawn.h>
#include <sys/wait.h>
#include <unistd.h>

namespace racetrack::async_io {

/// Started by the constructor, ended by the destructor; it ends with the process that started it, however that ends. Not
/// thread-safe. What it understands stands in scenarios/async_io/server/orders.hpp.
class Server {
 public:
  /// Throws std::runtime_error when it is not there or does not start.
  Server() {
    const std::string program = find().string();
    int commands[2] = {-1, -1}, answers[2] = {-1, -1};
    if (pipe2(commands, O_CLOEXEC) != 0) throw failure("cannot make a pipe");
    if (pipe2(answers, O_CLOEXEC) != 0) {
      close(commands[0]);
      close(commands[1]);
      throw failure("cannot make a pipe");
    }
    commands_ = commands[1];
    answers_ = answers[0];
    posix_spawn_file_actions_t actions;
    posix_spawn_file_actions_init(&actions);
    posix_spawn_file_actions_adddup2(&actions, commands[0], STDIN_FILENO);
    posix_spawn_file_actions_adddup2(&actions, answers[1], STDOUT_FILENO);
    std::string name = "racetrack_http_server", parent = std::to_string(getpid());
    const std::array<char*, 3> arguments{name.data(), parent.data(), nullptr};
    char* no_environment =
        nullptr;  // what is preloaded into the client, or tells its sanitizer something, is not for the server
    const int error = posix_spawn(&process_, program.c_str(), &actions, nullptr, arguments.data(), &no_environment);
    posix_spawn_file_actions_destroy(&actions);
    close(commands[0]);
    close(answers[1]);
    if (error != 0) {
      process_ = -1;
      end();
      errno = error;
      throw failure("cannot start " + program);
    }
    try {
      const std::string ports = read_line();
      const std::size_t space = ports.find(' ');
      port_ = static_cast<std::uint16_t>(std::stoul(ports));
      refusing_port_ = static_cast<std::uint16_t>(std::stoul(ports.substr(space + 1)));
    } catch (const std::exception&) {
      end();
      throw std::runtime_error(program + " did not say its ports: run it by hand to see why");
    }
  }
  Server(const Server&) = delete;
  Server& operator=(const Server&) = delete;
  ~Server() { end(); }

  [[nodiscard]] std::uint16_t port() const noexcept { return port_; }
  /// A port that is taken and on which nobody listens: connections to it are refused.
  [[nodiscard]] std::uint16_t refusing_port() const noexcept { return refusing_port_; }
  [[nodiscard]] pid_t process() const noexcept { return process_; }

  /// From now on `requests` requests to /hold are kept waiting, until release().
  void hold(std::size_t requests) { write_line("hold " + std::to_string(requests)); }
  /// Returns when that many wait. Blocks until then.
  void await_held() {
    if (read_line() != "held") throw std::runtime_error("the HTTP server has gone");
  }
  /// Answers them all.
  void release() { write_line("release"); }

  /// RACETRACK_HTTP_SERVER, else beside the running racetrack or where it is installed. Throws std::runtime_error.
  static std::filesystem::path find() {
    namespace fs = std::filesystem;
    if (const char* given = std::getenv("RACETRACK_HTTP_SERVER"); given != nullptr && *given != '\0') return given;
    const fs::path folder = fs::read_symlink("/proc/self/exe").parent_path();
    for (const fs::path& place :
         {folder / "racetrack_http_server", folder / "../libexec/racetrack/racetrack_http_server"}) {
      if (fs::is_regular_file(place)) return place;
    }
    throw std::runtime_error("no racetrack_http_server beside " + folder.string() +
                             ": build it, or name it by RACETRACK_HTTP_SERVER");
  }

 private:
  static std::runtime_error failure(const std::string& what) {
    return std::runtime_error("HTTP server: " + what + ": " + std::generic_category().message(errno));
  }

  std::string read_line() {
    std::string line;
    for (;;) {
      char next = '\0';
      const ssize_t got = read(answers_, &next, 1);
      if (got < 0 && errno == EINTR) continue;
      if (got <= 0 || next == '\n') return line;
      line += next;
    }
  }
  void write_line(std::string line) {
    line += '\n';
    if (write(commands_, line.data(), line.size()) != static_cast<ssize_t>(line.size())) {
      throw failure("has gone");
    }
  }
  void end() noexcept {
    close(commands_);
    close(answers_);
    if (process_ <= 0) return;
    kill(process_, SIGKILL);
    while (waitpid(process_, nullptr, 0) < 0 && errno == EINTR) {
    }
  }

  int commands_ = -1, answers_ = -1;
  pid_t process_ = -1;
  std::uint16_t port_ = 0, refusing_port_ = 0;
};

}  // namespace racetrack::async_io
