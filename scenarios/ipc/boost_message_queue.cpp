// boost::interprocess::message_queue: messages in shared memory, behind a mutex and two conditions that processes share. It knows
// nothing of who uses it: a receiver whose sender has died waits for ever, and so does everybody when one dies with the mutex. That is its
// contract, declared as a trait; the control in peer_killed shows it. Who needs more gives a time to timed_receive.
#include <atomic>
#include <string>

#include <boost/interprocess/ipc/message_queue.hpp>
#include <boost/version.hpp>
#include <unistd.h>

#include <racetrack/ipc.hpp>
#include <racetrack/plugin.hpp>

namespace {

namespace interprocess = boost::interprocess;

/// A name of a shared-memory object that nobody else has.
std::string unique_name() {
  static std::atomic<unsigned> made{0};
  return "racetrack-" + std::to_string(getpid()) + "-" + std::to_string(made.fetch_add(1));
}

template <class Item>
class MessageQueue {
 public:
  class End {
   public:
    explicit End(interprocess::message_queue& queue) : queue_(&queue) {}
    bool push(const Item& item) {
      queue_->send(&item, sizeof item, 0);
      return true;
    }
    bool pop(Item& item) {
      interprocess::message_queue::size_type received = 0;
      unsigned priority = 0;
      queue_->receive(&item, sizeof item, received, priority);
      return true;
    }

   private:
    interprocess::message_queue* queue_;
  };

  explicit MessageQueue(std::size_t capacity) : MessageQueue(unique_name(), capacity) {}
  End producer() { return End(queue_); }
  End consumer() { return End(queue_); }

 private:
  /// The process that is forked next has it mapped as well, so nobody needs the name.
  MessageQueue(const std::string& name, std::size_t capacity)
      : queue_(interprocess::create_only, name.c_str(), capacity, sizeof(Item)) {
    interprocess::message_queue::remove(name.c_str());
  }

  interprocess::message_queue queue_;
};

}  // namespace

RACETRACK_PLUGIN(registry) {
  const std::string version =
      "boost " + std::to_string(BOOST_VERSION / 100'000) + "." + std::to_string(BOOST_VERSION / 100 % 1000);
  registry.add<racetrack::ipc::Family, MessageQueue>("boost_message_queue",
                                                     {.library = version, .notices_death = false, .kernel = false});
}
