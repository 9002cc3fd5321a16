// Notifies each side of a channel when the other ends, for any reason. Each side holds the write end of a pipe whose
// read end the other side holds. The kernel closes the descriptors of a dead process, and the pipe hangs up. This
// serves channels that do not track their peers: a POSIX message queue, shared memory.
#pragma once

#include <array>
#include <cerrno>
#include <functional>
#include <system_error>
#include <thread>
#include <utility>

#include <fcntl.h>
#include <poll.h>
#include <sys/eventfd.h>
#include <unistd.h>

#include <racetrack/descriptor.hpp>

/// The pipe ends of one side. others_end is readable once the other side has gone.
struct LifeLine {
  racetrack::Descriptor my_end, others_end;
};

/// Created before the fork, when both processes hold all ends. Each process then takes one side and closes the rest.
class LifeLines {
 public:
  LifeLines() {
    for (Pipe& pipe : pipes_) {
      std::array<int, 2> ends{};
      if (pipe2(ends.data(), O_CLOEXEC) != 0)
        throw std::system_error(errno, std::generic_category(), "cannot make a pipe");
      pipe = {racetrack::Descriptor(ends[0]), racetrack::Descriptor(ends[1])};
    }
  }
  LifeLine producers() { return take(0); }
  LifeLine consumers() { return take(1); }

 private:
  struct Pipe {
    racetrack::Descriptor read, write;
  };
  LifeLine take(std::size_t mine) {
    LifeLine line{std::move(pipes_[mine].write), std::move(pipes_[1 - mine].read)};
    pipes_[mine].read.close();
    pipes_[1 - mine].write.close();
    return line;
  }

  std::array<Pipe, 2> pipes_;
};

/// Calls gone() once, on a separate thread, when the other side has gone. For channels that cannot wait for
/// descriptors.
class DeathWatch {
 public:
  template <class Gone>
  DeathWatch(const LifeLine& line, Gone gone) : stop_(eventfd(0, EFD_CLOEXEC)) {
    if (stop_.get() < 0) throw std::system_error(errno, std::generic_category(), "cannot make an event");
    watcher_ = std::thread([other = line.others_end.get(), stop = stop_.get(), gone] {
      std::array<pollfd, 2> watched{{{other, POLLIN, 0}, {stop, POLLIN, 0}}};
      while (poll(watched.data(), watched.size(), -1) < 0 && errno == EINTR) {
      }
      if (watched[0].revents != 0) gone();
    });
  }
  DeathWatch(const DeathWatch&) = delete;
  DeathWatch& operator=(const DeathWatch&) = delete;
  ~DeathWatch() {
    eventfd_write(stop_.get(), 1);
    watcher_.join();
  }

 private:
  racetrack::Descriptor stop_;
  std::thread watcher_;
};
