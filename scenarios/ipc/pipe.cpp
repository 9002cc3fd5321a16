// A pipe: one write and one read for each item. The kernel buffers up to 64 KiB in it. A writer without a reader gets
// SIGPIPE, or EPIPE when SIGPIPE is ignored. A reader without a writer finds the end of the file.
#include <array>
#include <cerrno>
#include <csignal>
#include <system_error>
#include <utility>

#include <fcntl.h>
#include <unistd.h>

#include <racetrack/descriptor.hpp>
#include <racetrack/ipc.hpp>
#include <racetrack/plugin.hpp>

#include "whole.hpp"

namespace {

using racetrack::Descriptor;

/// Ignores SIGPIPE while it exists, so that writing without a reader is an error and does not end the process.
class IgnoredSigpipe {
 public:
  IgnoredSigpipe() : before_(std::signal(SIGPIPE, SIG_IGN)) {}
  IgnoredSigpipe(const IgnoredSigpipe&) = delete;
  IgnoredSigpipe& operator=(const IgnoredSigpipe&) = delete;
  ~IgnoredSigpipe() { std::signal(SIGPIPE, before_); }

 private:
  void (*before_)(int);
};

template <class Item>
class Pipe {
 public:
  class Producer {
   public:
    explicit Producer(Descriptor end) : end_(std::move(end)) {}
    bool push(const Item& item) {
      return move_whole(item, [this](const char* bytes, std::size_t size) { return write(end_.get(), bytes, size); });
    }

   private:
    Descriptor end_;
  };
  class Consumer {
   public:
    explicit Consumer(Descriptor end) : end_(std::move(end)) {}
    bool pop(Item& item) {
      return move_whole(item, [this](char* bytes, std::size_t size) { return read(end_.get(), bytes, size); });
    }

   private:
    Descriptor end_;
  };

  explicit Pipe(std::size_t /*capacity*/) {
    std::array<int, 2> ends{};
    if (pipe2(ends.data(), O_CLOEXEC) != 0)
      throw std::system_error(errno, std::generic_category(), "cannot make a pipe");
    read_ = Descriptor(ends[0]);
    write_ = Descriptor(ends[1]);
  }
  Producer producer() {
    read_.close();  // otherwise this process would keep its own pipe open
    return Producer(std::move(write_));
  }
  Consumer consumer() {
    write_.close();
    return Consumer(std::move(read_));
  }

 private:
  IgnoredSigpipe ignored_;
  Descriptor read_, write_;
};

}  // namespace

RACETRACK_PLUGIN(registry) {
  registry.add<racetrack::ipc::Family, Pipe>("pipe", {.library = "Linux", .bounded = false});
}
