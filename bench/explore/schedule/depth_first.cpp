#include <bit>

#include "explore/schedule/strategies.hpp"

namespace racetrack::explore {
namespace {

class DepthFirst final : public Strategy {
 public:
  explicit DepthFirst(unsigned preemptions) : bound_(preemptions) {}
  [[nodiscard]] std::string name() const override { return "dfs" + std::to_string(bound_); }

  void begin(const Outlook&) override {
    depth_ = 0;
    preemptions_ = unfair_ = stale_ = 0;
  }
  ThreadId choose(const Choice& choice) override {
    const bool free = !choice.current_can;
    ThreadSet candidates = choice.candidates;
    if (choice.current_can && choice.current_yields) {
      // Fairness: who spins lets the usual next one go; a few times it may go on all the same, as faults hide where a spinner gives
      // up. Without that budget a spin loop would have no last schedule.
      if (choice.fallback == choice.current || unfair_ == kFairnessBudget || branch(2) == 0) return choice.fallback;
      ++unfair_;
      return choice.current;
    }
    if (!free && preemptions_ >= bound_) return choice.current;
    const unsigned which = branch(static_cast<unsigned>(std::popcount(candidates)));
    if (which == 0) return choice.fallback;
    if (!free) ++preemptions_;
    candidates &= ~set_of(choice.fallback);
    ThreadSet left = candidates;
    for (unsigned skip = which - 1; skip != 0; --skip) left &= left - 1;
    return static_cast<ThreadId>(std::countr_zero(left));
  }
  std::uint32_t patience() override { return preemptions_ >= bound_ ? kWheneverBlocked / 2 : 1; }
  unsigned pick(unsigned count) override { return branch(count); }
  unsigned read(unsigned count, StaleReads&) override {
    chooses_stores_ = true;
    if (stale_ == kStaleBudget) return 0;
    const unsigned newer = branch(count);
    if (newer != 0) ++stale_;
    return newer;
  }

  bool end(bool) override {
    while (!path_.empty() && path_.back().taken + 1U >= path_.back().branches) path_.pop_back();
    if (path_.empty()) return false;
    ++path_.back().taken;
    return true;
  }
  [[nodiscard]] std::string coverage() const override {
    std::string within;
    if (bound_ < kNoBound) within = std::to_string(bound_) + (bound_ == 1 ? " preemption and " : " preemptions and ");
    if (chooses_stores_) within += std::to_string(kStaleBudget) + " stale reads and ";
    return "all schedules within " + within + "fairness budget " + std::to_string(kFairnessBudget);
  }

 private:
  struct Node {
    std::uint8_t taken, branches;
  };
  unsigned branch(unsigned branches) {
    if (branches < 2) return 0;
    if (depth_ == path_.size()) path_.push_back({0, static_cast<std::uint8_t>(branches)});
    return path_[depth_++].taken;
  }

  unsigned bound_;
  std::vector<Node> path_;
  std::size_t depth_ = 0;
  unsigned preemptions_ = 0, unfair_ = 0, stale_ = 0;
  bool chooses_stores_ = false;
};

}  // namespace

std::unique_ptr<Strategy> depth_first(unsigned preemptions) { return std::make_unique<DepthFirst>(preemptions); }

}  // namespace racetrack::explore
