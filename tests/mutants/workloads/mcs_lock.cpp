#include "mcs_lock.hpp"

#include <memory>

#include <racetrack/explore.hpp>

#include "lock_workload.hpp"

namespace {

/// On the heap, because g++ does not instrument writes to a local variable before its address escapes.
class HeapGuard {
 public:
  explicit HeapGuard(McsLock& lock) : guard_(std::make_unique<McsLock::Guard>(lock)) {}

 private:
  std::unique_ptr<McsLock::Guard> guard_;
};

}  // namespace

RACETRACK_EXPLORE(one_at_a_time) {
  McsLock lock;
  count_under<McsLock::Guard>(lock);
}

RACETRACK_EXPLORE(a_node_is_whole_when_it_is_found) {
  McsLock lock;
  count_under<HeapGuard>(lock);
}
