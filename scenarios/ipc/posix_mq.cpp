// A POSIX message queue: one mq_send and one mq_receive for each item. The system grants unprivileged users ten
// messages (fs.mqueue.msg_max). The queue does not track its users and outlives them all. So its name is removed as
// soon as it is open. A side that must wait calls poll, which waits for the queue (a descriptor on Linux) or for the
// end of the other side.
#include <array>
#include <cerrno>
#include <cstdint>
#include <string>
#include <system_error>
#include <utility>

#include <fcntl.h>
#include <mqueue.h>
#include <poll.h>
#include <unistd.h>

#include <racetrack/descriptor.hpp>
#include <racetrack/ipc.hpp>
#include <racetrack/plugin.hpp>
#include <racetrack/transient_name.hpp>

#include "life_line.hpp"

namespace {

using racetrack::Descriptor;

constexpr std::uint64_t kMostMessages = 10;

template <class Item>
class PosixMessageQueue {
 public:
  class End {
   public:
    End(Descriptor queue, LifeLine line) : queue_(std::move(queue)), line_(std::move(line)) {}

    bool push(const Item& item) {
      for (;;) {
        if (mq_send(queue_.get(), reinterpret_cast<const char*>(&item), sizeof item, 0) == 0) return true;
        if (errno == EINTR) continue;
        if (errno != EAGAIN) fail();
        if (!wait_for(POLLOUT)) return false;
      }
    }
    bool pop(Item& item) {
      bool last = false;
      for (;;) {
        if (mq_receive(queue_.get(), reinterpret_cast<char*>(&item), sizeof item, nullptr) >= 0) return true;
        if (errno == EINTR) continue;
        if (errno != EAGAIN) fail();
        if (last) return false;
        last = !wait_for(POLLIN);  // messages sent before the end are still there: try once more
      }
    }

   private:
    [[noreturn]] static void fail() {
      throw std::system_error(errno, std::generic_category(), "a message queue call failed");
    }
    /// Returns false when the other side has gone.
    bool wait_for(short event) {
      std::array<pollfd, 2> watched{{{queue_.get(), event, 0}, {line_.others_end.get(), POLLIN, 0}}};
      while (poll(watched.data(), watched.size(), -1) < 0 && errno == EINTR) {
      }
      return watched[1].revents == 0;
    }

    Descriptor queue_;
    LifeLine line_;
  };

  explicit PosixMessageQueue(std::size_t capacity) {
    const std::string name = racetrack::transient_name(getpid());
    mq_attr attributes{};
    attributes.mq_maxmsg = static_cast<long>(capacity);
    attributes.mq_msgsize = sizeof(Item);
    queue_ = Descriptor(mq_open(name.c_str(), O_RDWR | O_CREAT | O_EXCL | O_NONBLOCK | O_CLOEXEC, 0600, &attributes));
    const int error = errno;
    mq_unlink(name.c_str());
    if (queue_.get() < 0) throw std::system_error(error, std::generic_category(), "cannot make a message queue");
  }
  End producer() { return {std::move(queue_), lines_.producers()}; }
  End consumer() { return {std::move(queue_), lines_.consumers()}; }

 private:
  Descriptor queue_;
  LifeLines lines_;
};

}  // namespace

RACETRACK_PLUGIN(registry) {
  registry.add<racetrack::ipc::Family, PosixMessageQueue>(
      "posix_mq", {.library = "Linux", .capacities = {"4", "10"}, .most_capacity = kMostMessages});
}
