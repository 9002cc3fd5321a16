// The second process of a round.
#pragma once

#include <array>
#include <cerrno>
#include <chrono>
#include <csignal>
#include <cstdint>
#include <optional>
#include <system_error>

#include <poll.h>
#include <sched.h>
#include <sys/eventfd.h>
#include <sys/prctl.h>
#include <sys/syscall.h>
#include <sys/types.h>
#include <sys/wait.h>
#include <unistd.h>

#include <racetrack/descriptor.hpp>
#include <racetrack/scenario.hpp>
#include <racetrack/spawn/child.hpp>

namespace racetrack::ipc {

/// A forked child process. It ends with its parent and with this object. It is a copy of a multithreaded process in
/// which only one thread exists: its body may use everything in memory, but must not start threads.
class Peer {
 public:
  /// Forks. The new process calls body(gate) and exits; gate() blocks until start() is called. Throws
  /// std::system_error.
  template <class Body>
  explicit Peer(const Body& body) : started_(make_event()), done_(make_event()) {
    const pid_t parent = getpid();
    process_ = fork();
    if (process_ < 0) throw std::system_error(errno, std::generic_category(), "cannot start a process");
    if (process_ == 0) {
      prctl(PR_SET_PDEATHSIG, SIGKILL);
      if (getppid() != parent) spawn::end_process({spawn::Ending::How::exit, 1});
      body([this] { await(started_); });
      signal(done_);
      spawn::end_process({spawn::Ending::How::exit, 0});
    }
    alive_ = Descriptor(static_cast<int>(syscall(SYS_pidfd_open, process_, 0)));
  }
  Peer(const Peer&) = delete;
  Peer& operator=(const Peer&) = delete;
  ~Peer() {
    if (ending_) return;
    ::kill(process_, SIGKILL);
    static_cast<void>(wait());
  }

  /// Opens the gate of the body. The peer runs on the processors of the calling thread.
  void start() const noexcept {
    cpu_set_t mine;
    CPU_ZERO(&mine);
    if (sched_getaffinity(0, sizeof mine, &mine) == 0) sched_setaffinity(process_, sizeof mine, &mine);
    signal(started_);
  }

  /// Blocks until the body has returned. Does not wait for the process to exit, which takes longer. Returns false when
  /// the process died before, or the round was stopped.
  [[nodiscard]] bool await_done(const StopFlag& stop) const noexcept {
    constexpr int kPollIntervalMs = 50;
    std::array<pollfd, 2> watched{{{done_.get(), POLLIN, 0}, {alive_.get(), POLLIN, 0}}};
    while (poll(watched.data(), watched.size(), kPollIntervalMs) <= 0) {
      if (stop.raised()) return false;
    }
    return watched[0].revents != 0;
  }

  /// Kills the process.
  void kill() const noexcept { ::kill(process_, SIGKILL); }

  /// Blocks until the process has ended and returns how it ended.
  const spawn::Ending& wait() {
    if (!ending_) ending_ = spawn::ending_of(status());
    return *ending_;
  }

 private:
  static Descriptor make_event() {
    Descriptor event(eventfd(0, EFD_CLOEXEC));
    if (event.get() < 0) throw std::system_error(errno, std::generic_category(), "cannot make an event");
    return event;
  }
  static void signal(const Descriptor& event) noexcept { eventfd_write(event.get(), 1); }
  static void await(const Descriptor& event) noexcept {
    eventfd_t count = 0;
    while (eventfd_read(event.get(), &count) != 0 && errno == EINTR) {
    }
  }
  [[nodiscard]] int status() const noexcept {
    int status = 0;
    while (waitpid(process_, &status, 0) < 0 && errno == EINTR) {
    }
    return status;
  }

  Descriptor started_, done_, alive_;
  pid_t process_ = -1;
  std::optional<spawn::Ending> ending_;
};

}  // namespace racetrack::ipc
