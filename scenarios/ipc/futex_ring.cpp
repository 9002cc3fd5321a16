// A ring in shared memory whose sleeping side is woken by a futex.
//
//   futex_ring            a thread of each process waits for the other's death, and wakes who sleeps on the futex
//   futex_ring_unwatched  a plain futex: who sleeps on it when the other process dies is woken by nobody
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
