// Registers known-bad queues and their corrected twins.
#pragma once

#include <cstddef>
#include <cstdint>
#include <deque>
#include <mutex>
#include <string>
#include <string_view>
#include <utility>

#include <racetrack/expectations.hpp>
#include <racetrack/plugin.hpp>
#include <racetrack/queue.hpp>

/// The only case in which the control runs: the fault exists there and can be found.
struct ControlCase {
  std::string producers = "2", consumers = "2", capacity = "4";
  std::uint64_t explored_work = 4;  ///< items in an explored round
};

/// Registers a queue as a control, only in `transfer`: a faulty one with its expectation, a corrected one with none.
template <template <class> class Queue, std::size_t kPayload = 8>
void add_control(racetrack::Registry& registry, std::string_view name, const racetrack::queue::Traits& traits,
                 const racetrack::Expectation& expectation, const ControlCase& where = {}) {
  racetrack::Registry workloads;
  workloads.add<racetrack::queue::Control<kPayload>, Queue>(name, traits, expectation, racetrack::Standing::control);
  for (racetrack::Scenario scenario : workloads.scenarios()) {
    for (racetrack::Axis& axis : scenario.axes) {
      const auto only = [&](const std::string& value) {
        axis.defaults = axis.full = axis.stress = axis.explore = axis.judge = {value};
      };
      if (axis.name == "producers" && axis.largest != 1) only(where.producers);
      if (axis.name == "consumers" && axis.largest != 1) only(where.consumers);
      if (axis.name == "capacity" && axis.largest != 0) only(where.capacity);
    }
    scenario.explored_work = where.explored_work;
    registry.add(std::move(scenario));
  }
}

/// The base class of controls with simple faults: a queue under one mutex. Correct by itself.
template <class Item>
class MutexQueue {
 public:
  explicit MutexQueue(std::size_t capacity) : capacity_(capacity) {}

  bool try_push(Item item) {
    const std::lock_guard lock(mutex_);
    if (items_.size() >= capacity_) return false;
    items_.push_back(item);
    return true;
  }
  bool try_pop(Item& item) {
    const std::lock_guard lock(mutex_);
    if (items_.empty()) return false;
    item = items_.front();
    items_.pop_front();
    return true;
  }

 protected:
  const std::size_t capacity_;
  std::mutex mutex_;
  std::deque<Item> items_;
};
