#include <bit>

#include "explore/schedule/bounds.hpp"
#include "explore/schedule/strategies.hpp"

namespace racetrack::explore {
namespace {

class DepthFirst final : public Strategy {
 public:
  explicit DepthFirst(unsigned preemptions) : deepening_(preemptions) {}
  [[nodiscard]] std::string name() const override { return "dfs" + std::to_string(bounds().preemptions); }
  [[nodiscard]] bool searches() const override { return true; }

  void begin(const Outlook&) override {
    depth_ = 0;
    preemptions_ = time_outs_ = unfair_ = stale_ = 0;
  }

  ThreadId choose(const Choice& choice) override {
    ThreadSet candidates = choice.candidates;
    ThreadSet timed = choice.timed;
    if (timed != 0 && time_outs_ == bounds().time_outs) {
      deepening_.add(Untried::time_outs);
      timed = 0;
    }
    const bool yields = choice.current_can && choice.current_yields && choice.fallback != choice.current;
    if (yields && unfair_ == bounds().unfair_turns) {
      deepening_.add(Untried::fairness);
      candidates &= ~bit(choice.current);
    }
    const bool free = !choice.current_can || yields;
    if (!free && preemptions_ == bounds().preemptions) {
      if (!std::has_single_bit(candidates)) deepening_.add(Untried::preemptions);
      candidates = bit(choice.current);
    }
    const ThreadId chosen = branch(choice.fallback, candidates, timed);
    if ((timed & bit(chosen)) != 0) {
      ++time_outs_;
    } else if (chosen == choice.current && yields) {
      ++unfair_;
    } else if (chosen != choice.current && !free) {
      // The remaining decisions have only one candidate each, so the untried preemptions are recorded here.
      if (++preemptions_ == bounds().preemptions) deepening_.add(Untried::preemptions);
    }
    return chosen;
  }
  std::uint32_t patience() override { return preemptions_ == bounds().preemptions ? kWheneverBlocked / 2 : 1; }
  unsigned pick(unsigned count) override { return branch(count); }
  unsigned read(unsigned count, StaleReads&) override {
    if (stale_ == bounds().stale_reads) {
      deepening_.add(Untried::stale_reads);
      return 0;
    }
    const unsigned newer = branch(count);
    if (newer != 0) ++stale_;
    return newer;
  }
  unsigned spurious_failures() override { return bounds().spurious_failures; }
  bool fails_spuriously() override { return branch(2) != 0; }
  bool reuses() override { return bounds().reuse; }

  bool end(bool, UntriedSet untried) override {
    deepening_.add(untried);
    while (!path_.empty() && path_.back().taken + 1U >= path_.back().branches) path_.pop_back();
    if (path_.empty()) return false;
    ++path_.back().taken;
    return true;
  }
  [[nodiscard]] Coverage coverage() const override {
    std::string searched = "all schedules";
    if (deepening_.untried().contains(Untried::preemptions)) {
      searched += " with at most " + std::to_string(bounds().preemptions) + " preemption" +
                  (bounds().preemptions == 1 ? "" : "s");
    }
    return {searched, deepening_.describe(), deepening_.untried().empty()};
  }
  bool deepen() override { return deepening_.deepen(); }

 private:
  struct Node {
    std::uint8_t taken, branches;
  };
  static ThreadSet bit(ThreadId thread) noexcept { return set_of(thread); }
  [[nodiscard]] const Bounds& bounds() const noexcept { return deepening_.bounds(); }

  unsigned branch(unsigned branches) {
    if (branches < 2) return 0;
    if (depth_ == path_.size()) path_.push_back({0, static_cast<std::uint8_t>(branches)});
    return path_[depth_++].taken;
  }
  /// Branches over `first`, then the other candidates, then the threads whose time-out can fire.
  ThreadId branch(ThreadId first, ThreadSet candidates, ThreadSet timed) {
    const unsigned which = branch(static_cast<unsigned>(std::popcount(candidates) + std::popcount(timed)));
    if (which == 0) return first;
    ThreadSet left = candidates & ~bit(first);
    const auto others = static_cast<unsigned>(std::popcount(left));
    unsigned skip = which - 1;
    if (skip >= others) {
      left = timed;
      skip -= others;
    }
    for (; skip != 0; --skip) left &= left - 1;
    return static_cast<ThreadId>(std::countr_zero(left));
  }

  Deepening deepening_;
  std::vector<Node> path_;
  std::size_t depth_ = 0;
  unsigned preemptions_ = 0, time_outs_ = 0, unfair_ = 0, stale_ = 0;  ///< of this execution
};

}  // namespace

std::unique_ptr<Strategy> depth_first(unsigned preemptions) { return std::make_unique<DepthFirst>(preemptions); }

}  // namespace racetrack::explore
