// boost::interprocess::message_queue: messages in shared memory, behind a mutex and two condition variables that
// processes share. The queue does not track its users. A receiver whose sender has died waits without end. If a process
// dies while it holds the mutex, so do all others. That is its contract, declared as a trait; the control in
// peer_killed demonstrates it. A user who needs more passes a time limit to timed_receive.
#include <string>

#include <boost/interprocess/ipc/message_queue.hpp>
#include <boost/version.hpp>
#include <unistd.h>

#include <racetrack/ipc.hpp>
#include <racetrack/plugin.hpp>
#include <racetrack/transient_name.hpp>

namespace {

namespace interprocess = boost::interprocess;

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

  explicit MessageQueue(std::size_t capacity) : MessageQueue(racetrack::transient_name(getpid()), capacity) {}
  End producer() { return End(queue_); }
  End consumer() { return End(queue_); }

 private:
  /// The process that is forked next inherits the mapping, so the name is removed at once.
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
