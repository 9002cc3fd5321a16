#include <array>
#include <bit>

#include "explore/runtime.hpp"
#include "explore/schedule/strategies.hpp"

namespace racetrack::explore {
namespace {

class PartialOrderSampling final : public Strategy {
 public:
  [[nodiscard]] std::string name() const override { return "pos"; }

  void begin(const Outlook& outlook) override {
    random_ = Random(outlook.seed);
    known_ = 0;
    const std::uint64_t draw = random_();
    reuses_ = (draw & 0x400U) != 0;
    fails_ = (draw & 0x1800U) == 0;
    fair_ = (draw & 0x2000U) != 0;
    slow_ = (draw & 0x1C000U) == 0;
  }
  void thread_begins(ThreadId thread) override {
    const auto bit = set_of(thread);
    if ((known_ & bit) != 0) return;  // woken, not new: it completes the operation that it waited for
    known_ |= bit;
    draw(thread);
  }
  ThreadId choose(const Choice& choice) override {
    draw(choice.current);  // the step that it was chosen for is done
    ThreadSet candidates = choice.candidates;
    if (choice.current_can && choice.current_yields) {
      // It may wait for a step whose priority stays below its own for long.
      for (ThreadSet set = candidates; set != 0; set &= set - 1) draw(static_cast<ThreadId>(std::countr_zero(set)));
      const ThreadSet others = candidates & ~set_of(choice.current);
      if (fair_ && others != 0) candidates = others;
    }
    const ThreadId chosen = highest(candidates);
    // Otherwise a step with a low priority would always come after all the others of its race.
    for (ThreadSet set = choice.candidates; set != 0; set &= set - 1) {
      const auto thread = static_cast<ThreadId>(std::countr_zero(set));
      if (thread != chosen && runtime.threads[thread].next.races_with(runtime.threads[chosen].next)) draw(thread);
    }
    return chosen;
  }
  unsigned pick(unsigned count) override { return random_.below(count); }
  unsigned spurious_failures() override { return fails_ ? 2 : 0; }
  bool fails_spuriously() override { return random_.below(8) == 0; }
  bool reuses() override { return reuses_; }
  bool slow() override { return slow_; }

 private:
  void draw(ThreadId thread) { priority_[thread] = random_(); }
  [[nodiscard]] ThreadId highest(ThreadSet candidates) const {
    auto best = static_cast<ThreadId>(std::countr_zero(candidates));
    for (ThreadSet set = candidates; set != 0; set &= set - 1) {
      const auto thread = static_cast<ThreadId>(std::countr_zero(set));
      if (priority_[thread] > priority_[best]) best = thread;
    }
    return best;
  }

  Random random_;
  std::array<std::uint64_t, kMostThreads> priority_{};  ///< of each thread's next step
  ThreadSet known_ = 0;
  bool reuses_ = true, fails_ = false, fair_ = true, slow_ = false;
};

}  // namespace

std::unique_ptr<Strategy> partial_order_sampling() { return std::make_unique<PartialOrderSampling>(); }

}  // namespace racetrack::explore
