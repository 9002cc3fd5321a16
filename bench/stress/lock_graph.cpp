#include "stress/lock_graph.hpp"

#include <utility>

#include <dlfcn.h>

#include "load/round_runner.hpp"

namespace racetrack::stress {
namespace {

constexpr std::uint32_t kStuck = deadlock::kFoundDeadlock | deadlock::kFoundLostWakeup;

void disturb_this_thread() noexcept { load::RoundRunner::disturbance_of_this_thread()(); }

}  // namespace

LockGraph::LockGraph()
    : detector_(static_cast<const deadlock::Interface*>(dlsym(RTLD_DEFAULT, deadlock::kInterfaceSymbol))) {
  if (detector_ != nullptr) detector_->disturb_with(disturb_this_thread);
}

LockGraph::~LockGraph() {
  if (detector_ != nullptr) detector_->disturb_with(nullptr);
}

bool LockGraph::found_stuck() const noexcept { return detector_ != nullptr && (detector_->found() & kStuck) != 0; }

std::vector<std::string> LockGraph::new_kinds() {
  std::vector<std::string> kinds;
  if (detector_ == nullptr) return kinds;
  const std::uint32_t found = detector_->found();
  for (const auto& [bit, kind] :
       {std::pair{deadlock::kFoundDeadlock, "deadlock"}, std::pair{deadlock::kFoundLostWakeup, "lost_wakeup"},
        std::pair{deadlock::kFoundPotentialDeadlock, "potential_deadlock"},
        std::pair{deadlock::kFoundMisuse, "misuse"}}) {
    if ((found & ~reported_ & bit) != 0) kinds.emplace_back(kind);
  }
  reported_ = found;
  return kinds;
}

void LockGraph::supervise(bool on) const noexcept {
  if (detector_ != nullptr) detector_->supervise(on);
}

}  // namespace racetrack::stress
