#include "deadlock/in_process.hpp"

#include "deadlock/detector.hpp"
#include "deadlock/reporter.hpp"

namespace racetrack::deadlock {
namespace {

void disturb_with(void (*act)() noexcept) noexcept {
  disturbance.store(act, std::memory_order_relaxed);  // relaxed: it publishes only a function, no data
  // Relaxed for the same reason.
  records_only.store(act == nullptr && !settings.order && !settings.stacks, std::memory_order_relaxed);
}

}  // namespace
}  // namespace racetrack::deadlock

extern "C" __attribute__((visibility("default"))) const racetrack::deadlock::Interface racetrack_deadlock_interface{
    racetrack::deadlock::kinds_found, racetrack::deadlock::supervise, racetrack::deadlock::disturb_with};
