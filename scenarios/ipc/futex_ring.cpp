// A ring in shared memory that wakes its sleeping side by a futex.
//
//   futex_ring            a thread of one process waits for the other process's death, and wakes the sleeper
//   futex_ring_unwatched  a plain futex: when the other process dies, nothing wakes the sleeper
#include <cstddef>

#include <racetrack/ipc.hpp>
#include <racetrack/plugin.hpp>

#include "futex_ring.hpp"

namespace {

template <class Item>
using Watched = FutexRing<Item, true>;
template <class Item>
using WithoutLifeLine = FutexRing<Item, false>;

}  // namespace

RACETRACK_PLUGIN(registry) {
  using namespace racetrack;
  registry.add<ipc::Family, Watched>("futex_ring", {.kernel = false, .actual_capacity = queue::next_power_of_two});
  registry.add<ipc::Control, WithoutLifeLine>(
      "futex_ring_unwatched", {.notices_death = false, .kernel = false, .actual_capacity = queue::next_power_of_two},
      ipc::expect_unnoticed_death(), Standing::control);
}
