// The HTTP server of the workloads. It is a separate process on 127.0.0.1, so that its memory, threads and descriptors
// do not count as the client's.
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

/// A running server. The constructor starts it and the destructor ends it. The server also ends when the process that
/// started it ends for any reason. Not thread-safe. scenarios/async_io/server/command.hpp describes its commands.
class Server {
 public:
  /// Throws std::runtime_error when the program does not exist or does not start.
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
    // The environment is empty, so that a library preloaded into the client, or its sanitizer's options, do not apply.
    char* no_environment = nullptr;
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
      throw std::runtime_error(program + " did not print its ports: run it by hand to see the error");
    }
  }
  Server(const Server&) = delete;
  Server& operator=(const Server&) = delete;
  ~Server() { end(); }

  /// Returns the port of the server.
  [[nodiscard]] std::uint16_t port() const noexcept { return port_; }
  /// Returns a port that is reserved but not listened on: connections to it are refused.
  [[nodiscard]] std::uint16_t refusing_port() const noexcept { return refusing_port_; }
  /// Returns the process number of the server.
  [[nodiscard]] pid_t process() const noexcept { return process_; }

  /// Makes the server delay its responses to /hold until release(); await_held() waits for `requests` of them.
  void hold(std::size_t requests) { write_line("hold " + std::to_string(requests)); }
  /// Blocks until the requests of hold() have arrived. Throws std::runtime_error when the server has ended.
  void await_held() {
    if (read_line() != "held") throw std::runtime_error("the HTTP server has ended");
  }
  /// Lets the server answer all held requests.
  void release() { write_line("release"); }

  /// Returns the path of the server: the environment variable RACETRACK_HTTP_SERVER, else the program in the folder of
  /// the running racetrack or where it is installed. Throws std::runtime_error when there is none.
  static std::filesystem::path find() {
    namespace fs = std::filesystem;
    if (const char* given = std::getenv("RACETRACK_HTTP_SERVER"); given != nullptr && *given != '\0') return given;
    const fs::path folder = fs::read_symlink("/proc/self/exe").parent_path();
    for (const fs::path& place :
         {folder / "racetrack_http_server", folder / "../libexec/racetrack/racetrack_http_server"}) {
      if (fs::is_regular_file(place)) return place;
    }
    throw std::runtime_error("no racetrack_http_server in " + folder.string() +
                             ": build it, or set RACETRACK_HTTP_SERVER to its path");
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
      throw failure("has ended");
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
