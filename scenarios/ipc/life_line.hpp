// How the two sides of a channel learn of each other's end, whatever it was: each holds the writing end of a pipe whose reading end is
// with the other. The kernel closes what a dead process held, and the pipe hangs up. That works for what has no notion of a peer:
// a POSIX message queue, shared memory.
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

/// One side's ends. The other side has gone when others_end is readable.
struct LifeLine {
  racetrack::Descriptor my_end, others_end;
};

/// Made before the fork, when both processes have all ends; each takes one side and closes the rest.
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

/// Calls gone() once, from a thread of its own, when the other side has gone. For channels whose waits are no descriptors.
class DeathWatch {
 public:
  template <class Gone>
  DeathWatch(const LifeLine& line, Gone gone) : enough_(eventfd(0, EFD_CLOEXEC)) {
    if (enough_.get() < 0) throw std::system_error(errno, std::generic_category(), "cannot make an event");
    watcher_ = std::thread([other = line.others_end.get(), enough = enough_.get(), gone] {
      std::array<pollfd, 2> watched{{{other, POLLIN, 0}, {enough, POLLIN, 0}}};
      while (poll(watched.data(), watched.size(), -1) < 0 && errno == EINTR) {
      }
      if (watched[0].revents != 0) gone();
    });
  }
  DeathWatch(const DeathWatch&) = delete;
  DeathWatch& operator=(const DeathWatch&) = delete;
  ~DeathWatch() {
    eventfd_write(enough_.get(), 1);
    watcher_.join();
  }

 private:
  racetrack::Descriptor enough_;
  std::thread watcher_;
};
