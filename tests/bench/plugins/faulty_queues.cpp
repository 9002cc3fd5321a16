// Queues with one fault each, and their twin without: what the harness must find, so that it is seen to find it. All strike for certain:
// none depends on how threads happen to be scheduled.
#include <csignal>
#include <cstddef>
#include <cstdint>
#include <cstdlib>
#include <deque>
#include <mutex>
#include <stdexcept>

#include <unistd.h>

#include <racetrack/plugin.hpp>
#include <racetrack/queue.hpp>

namespace {

enum class Fault : std::uint8_t {
  none,
  loses,
  duplicates,
  last_in_first_out,
  overflows,
  tears,
  crashes,
  exits_with_7,
  exits_with_0,
  hangs,
  cannot_be_made,
};

template <class Item, Fault kFault>
class FaultyQueue {
 public:
  explicit FaultyQueue(std::size_t capacity) : capacity_(capacity) {
    if constexpr (kFault == Fault::cannot_be_made) throw std::runtime_error("this queue cannot be made");
  }

  bool try_push(Item item) {
    const std::lock_guard lock(mutex_);
    if (items_.size() >= capacity_ + (kFault == Fault::overflows ? kSurplus : 0)) return false;
    if (++pushes_ % kEvery == 0) {
      if constexpr (kFault == Fault::loses) return true;
      if constexpr (kFault == Fault::duplicates) items_.push_back(item);
      if constexpr (kFault == Fault::tears) item.words.back() += item.words.size() > 1 ? 1 : 0;
      if constexpr (kFault == Fault::crashes) std::raise(SIGSEGV);
      if constexpr (kFault == Fault::exits_with_7) std::_Exit(7);
      if constexpr (kFault == Fault::exits_with_0) std::_Exit(0);
      if constexpr (kFault == Fault::hangs) {
        for (;;) pause();
      }
    }
    items_.push_back(item);
    return true;
  }

  bool try_pop(Item& item) {
    const std::lock_guard lock(mutex_);
    // Two faults need company inside: until there was enough of it once, the queue says that it is empty.
    const std::size_t wanted = kFault == Fault::overflows           ? capacity_ + kSurplus
                               : kFault == Fault::last_in_first_out ? 2
                                                                    : 1;
    if (items_.size() < (primed_ ? 1 : wanted)) return false;
    primed_ = true;
    if constexpr (kFault == Fault::last_in_first_out) {
      item = items_.back();
      items_.pop_back();
    } else {
      item = items_.front();
      items_.pop_front();
    }
    return true;
  }

 private:
  static constexpr std::uint64_t kEvery = 100;
  static constexpr std::size_t kSurplus = 256;  // so many that some are certainly inside, whatever the clocks' skew

  std::mutex mutex_;
  std::deque<Item> items_;
  std::size_t capacity_;
  std::uint64_t pushes_ = 0;
  bool primed_ = false;
};

template <class Item>
using Sound = FaultyQueue<Item, Fault::none>;
template <class Item>
using Loses = FaultyQueue<Item, Fault::loses>;
template <class Item>
using Duplicates = FaultyQueue<Item, Fault::duplicates>;
template <class Item>
using LastInFirstOut = FaultyQueue<Item, Fault::last_in_first_out>;
template <class Item>
using Overflows = FaultyQueue<Item, Fault::overflows>;
template <class Item>
using Tears = FaultyQueue<Item, Fault::tears>;
template <class Item>
using Crashes = FaultyQueue<Item, Fault::crashes>;
template <class Item>
using ExitsWith7 = FaultyQueue<Item, Fault::exits_with_7>;
template <class Item>
using ExitsWith0 = FaultyQueue<Item, Fault::exits_with_0>;
template <class Item>
using Hangs = FaultyQueue<Item, Fault::hangs>;
template <class Item>
using CannotBeMade = FaultyQueue<Item, Fault::cannot_be_made>;

}  // namespace

RACETRACK_PLUGIN(registry) {
  using racetrack::Standing;
  using racetrack::queue::Family;
  const racetrack::Expectation duplicates{
      {.detector = "oracle.*", .kind = "duplicated", .grade = racetrack::Grade::must, .per_runs = 1}};
  registry.add<Family, Sound>("sound", {});
  registry.add<Family, Loses>("loses", {});
  registry.add<Family, Duplicates>("duplicates", {});
  registry.add<Family, Duplicates>("duplicates_as_declared", {}, duplicates);
  registry.add<Family, Duplicates>("duplicates_as_control", {}, duplicates, Standing::control);
  registry.add<Family, LastInFirstOut>("last_in_first_out", {});
  registry.add<Family, Overflows>("overflows", {});
  registry.add<Family, Tears>("tears", {});
  registry.add<Family, Crashes>("crashes", {});
  registry.add<Family, ExitsWith7>("exits_with_7", {});
  registry.add<Family, ExitsWith0>("exits_with_0", {});
  registry.add<Family, Hangs>("hangs", {});
  registry.add<Family, CannotBeMade>("cannot_be_made", {});
}
