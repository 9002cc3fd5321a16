// A pair of connected stream sockets (AF_UNIX): one send and one recv for each item.
#include <array>
#include <cerrno>
#include <system_error>
#include <utility>

#include <sys/socket.h>

#include <racetrack/descriptor.hpp>
#include <racetrack/ipc.hpp>
#include <racetrack/plugin.hpp>

#include "whole.hpp"

namespace {

using racetrack::Descriptor;

template <class Item>
class Socketpair {
 public:
  class End {
   public:
    explicit End(Descriptor socket) : socket_(std::move(socket)) {}
    bool push(const Item& item) {
      return move_whole(
          item, [this](const char* bytes, std::size_t size) { return send(socket_.get(), bytes, size, MSG_NOSIGNAL); });
    }
    bool pop(Item& item) {
      return move_whole(item, [this](char* bytes, std::size_t size) { return recv(socket_.get(), bytes, size, 0); });
    }

   private:
    Descriptor socket_;
  };

  explicit Socketpair(std::size_t /*capacity*/) {
    std::array<int, 2> ends{};
    if (socketpair(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC, 0, ends.data()) != 0) {
      throw std::system_error(errno, std::generic_category(), "cannot make a pair of sockets");
    }
    producers_ = Descriptor(ends[0]);
    consumers_ = Descriptor(ends[1]);
  }
  End producer() {
    consumers_.close();  // otherwise this process would keep its own peer open
    return End(std::move(producers_));
  }
  End consumer() {
    producers_.close();
    return End(std::move(consumers_));
  }

 private:
  Descriptor producers_, consumers_;
};

}  // namespace

RACETRACK_PLUGIN(registry) {
  registry.add<racetrack::ipc::Family, Socketpair>("socketpair", {.library = "Linux", .bounded = false});
}
