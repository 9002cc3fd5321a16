// boost::lockfree::queue 1.74 as installed, with so few nodes that each is reused at once. push writes a node from the
// free list by plain stores, its `next` among them (through the list's own type as well). A thread that still holds the
// node's old pointer reads that `next` (upstream #59, fixed by pull request #138) and copies its item (#78). These are
// data races; when the tags are intact, the values read are discarded.
//
// The correct twins are michael_scott_tag_kept, in michael_scott_tag_reset.cpp, and the subject xenium_michael_scott.
#include "../boost_lockfree.hpp"
#include "../boost_version.hpp"
#include "control.hpp"

RACETRACK_PLUGIN(registry) {
  namespace queue = racetrack::queue;
  racetrack::Expectation expectation = racetrack::expect_race();
  expectation.push_back({.detector = "*", .kind = "*", .grade = racetrack::Grade::may});
  add_control<BoostLockfreeQueue>(
      registry, "boost_lockfree_few_nodes",
      {.library = boost_version(), .progress = queue::lock_free, .full = queue::may_fail_spuriously}, expectation,
      {.capacity = "2"});
}
