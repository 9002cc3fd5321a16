#include <algorithm>
#include <array>
#include <bit>

#include "explore/schedule/strategies.hpp"

namespace racetrack::explore {
namespace {

class Pct final : public Strategy {
 public:
  explicit Pct(unsigned depth) : changes_(depth - 1) {}
  [[nodiscard]] std::string name() const override { return "pct" + std::to_string(changes_.size() + 1); }

  void begin(const Outlook& outlook) override {
    random_ = Random(outlook.seed);
    known_ = 0;
    lowest_ = 0;
    const std::uint32_t steps = std::max<std::uint32_t>(outlook.steps, 10);
    for (std::uint32_t& step : changes_) step = 1 + random_.below(steps);
    std::sort(changes_.begin(), changes_.end());
    next_ = 0;
    reuses_ = random_.below(2) == 0;
    slow_ = random_.below(8) == 0;
  }
  ThreadId choose(const Choice& choice) override {
    if (choice.current_can && choice.current_yields) lower(choice.current);
    for (; next_ < changes_.size() && changes_[next_] <= choice.step; ++next_) lower(choice.current);
    step_ = choice.step;
    ThreadId best = choice.fallback;
    std::int64_t priority = INT64_MIN;
    for (ThreadSet set = choice.candidates; set != 0; set &= set - 1) {
      const auto thread = static_cast<ThreadId>(std::countr_zero(set));
      if (priority_[thread] <= priority) continue;
      priority = priority_[thread];
      best = thread;
    }
    return best;
  }
  std::uint32_t patience() override { return next_ < changes_.size() ? changes_[next_] - step_ : kWheneverBlocked / 2; }
  unsigned pick(unsigned count) override { return random_.below(count); }
  bool reuses() override { return reuses_; }
  bool slow() override { return slow_; }
  void thread_begins(ThreadId thread) override {
    if ((known_ & set_of(thread)) != 0) return;  // woken, not new
    known_ |= set_of(thread);
    priority_[thread] = static_cast<std::int64_t>(random_() >> 2U);
  }

 private:
  void lower(ThreadId thread) { priority_[thread] = --lowest_; }

  Random random_;
  std::vector<std::uint32_t> changes_;  ///< steps, ascending
  std::size_t next_ = 0;
  std::uint32_t step_ = 0;
  ThreadSet known_ = 0;
  std::int64_t lowest_ = 0;
  std::array<std::int64_t, kMostThreads> priority_{};
  bool reuses_ = true, slow_ = false;
};

}  // namespace

std::unique_ptr<Strategy> pct(unsigned depth) { return std::make_unique<Pct>(depth); }

}  // namespace racetrack::explore
