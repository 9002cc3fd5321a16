#include <array>
#include <cmath>

#include "explore/schedule/strategies.hpp"

namespace racetrack::explore {
namespace {

class RandomWalk final : public Strategy {
 public:
  [[nodiscard]] std::string name() const override { return "random"; }

  void begin(const Outlook& outlook) override {
    random_ = Random(outlook.seed);
    // The mean number of steps between decisions. With 1, any thread may run at each step.
    static constexpr std::array<unsigned, 6> kMeans{1, 2, 4, 8, 20, 64};
    const auto draw = static_cast<unsigned>(random_() >> 40U);
    mean_ = kMeans[draw % kMeans.size()];
    scale_ = mean_ == 1 ? 0 : 1.0 / std::log1p(-1.0 / mean_);
    // In some executions a thread that yields or spins is descheduled. In the others it may continue: some faults need
    // a spinning thread to stop waiting.
    fair_ = (draw & 0x2000U) != 0;
    reuses_ = (draw & 0x400U) != 0;
    fails_ = (draw & 0x1800U) == 0;
    slow_ = (draw & 0x1C000U) == 0;
  }
  ThreadId choose(const Choice& choice) override {
    ThreadSet candidates = choice.candidates;
    if (fair_ && choice.current_can && choice.current_yields) candidates &= ~set_of(choice.current);
    return any_of(candidates != 0 ? candidates : choice.candidates, random_);
  }
  std::uint32_t patience() override {
    if (mean_ == 1) return 1;
    return 1 + static_cast<std::uint32_t>(std::log(1.0 - random_.share()) * scale_);
  }
  unsigned pick(unsigned count) override { return random_.below(count); }
  unsigned spurious_failures() override { return fails_ ? 2 : 0; }
  bool fails_spuriously() override { return random_.below(8) == 0; }
  bool reuses() override { return reuses_; }
  bool slow() override { return slow_; }

 private:
  Random random_;
  unsigned mean_ = 1;
  double scale_ = 0;
  bool reuses_ = true, fails_ = false, fair_ = true, slow_ = false;
};

}  // namespace

std::unique_ptr<Strategy> random_walk() { return std::make_unique<RandomWalk>(); }

}  // namespace racetrack::explore
