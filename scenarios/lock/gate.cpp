// Opposite order under a gate: each thread holds a third lock, the gate, while it takes a and b, in whichever order.
// This is correct: the gate keeps every other thread out between the two locks. A tool that considers only the order of
// two locks, and not the locks held around them, reports a false deadlock (gate locks: Havelund, Using Runtime Analysis
// to Guide Model Checking of Java Programs, SPIN 2000).
#include <cstddef>
#include <mutex>

#include <racetrack/lock.hpp>
#include <racetrack/plugin.hpp>
#include <racetrack/standard_library.hpp>

namespace {

class OppositeOrderUnderGate {
 public:
  static constexpr std::size_t kThreads = 2;
  void step(std::size_t thread) {
    const std::lock_guard gate(gate_);
    const std::lock_guard first(thread == 0 ? a_ : b_);
    const std::lock_guard second(thread == 0 ? b_ : a_);
    ++passed_;
  }

 private:
  std::mutex gate_, a_, b_;
  long passed_ = 0;
};

}  // namespace

RACETRACK_PLUGIN(registry) {
  registry.add<racetrack::lock::Family, OppositeOrderUnderGate>(
      "opposite_order", {.workload = "gate", .library = racetrack::standard_library()},
      // ThreadSanitizer's own lock-order check ignores gates.
      {{.detector = "tsan", .kind = "potential_deadlock", .grade = racetrack::Grade::may}});
}
