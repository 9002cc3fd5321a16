#include <algorithm>
#include <array>
#include <bit>
#include <map>
#include <utility>
#include <vector>

#include "explore/runtime.hpp"
#include "explore/schedule/strategies.hpp"

namespace racetrack::explore {
namespace {

/// Draws the thread of the next interesting step in proportion to the number of such steps that each thread has left,
/// so that every order of them has the same probability. Other steps come in any order.
class UniformWalk final : public Strategy {
 public:
  explicit UniformWalk(bool selective) : selective_(selective) {}
  [[nodiscard]] std::string name() const override { return selective_ ? "surw" : "urw"; }

  void begin(const Outlook& outlook) override {
    random_ = Random(outlook.seed);
    const std::uint64_t draw = random_();
    reuses_ = (draw & 0x400U) != 0;
    fails_ = (draw & 0x1800U) == 0;
    fair_ = (draw & 0x2000U) != 0;
    slow_ = (draw & 0x1C000U) == 0;
    known_ = 0;
    intended_ = kNoThread;
    // The threads' steps depend on the schedule, so some executions record all accesses anew.
    surveys_ = selective_ && (executions_++ % kBetweenSurveys == 0 || shared_.empty());
    if (surveys_) uses_.clear();
    done_ = {};
    address_ = 0;
    if (!selective_ || shared_.empty()) {
      left_ = totals_;
    } else {
      const auto& [address, steps] = shared_[random_.below(static_cast<unsigned>(shared_.size()))];
      address_ = address;
      left_ = steps;
    }
  }

  void thread_begins(ThreadId thread) override {
    if ((known_ & bit(thread)) != 0) return;  // woken, not new
    known_ |= bit(thread);
    threads_ = std::max(threads_, thread + 1U);
    const bool first = runtime.current == nullptr || runtime.current->id == thread;
    parent_[thread] = first ? thread : runtime.current->id;
    // The parent's remaining steps are its own and its children's, so the next thread is chosen again among them.
    if (!first && intended_ == parent_[thread])
      intended_ = drawn_from(static_cast<ThreadSet>(bit(parent_[thread]) | bit(thread)));
  }

  ThreadId choose(const Choice& choice) override {
    ThreadSet candidates = choice.candidates;
    const bool yields = choice.current_can && choice.current_yields;
    if (yields && fair_ && candidates != bit(choice.current))
      candidates &= static_cast<ThreadSet>(~bit(choice.current));
    if (yields) {
      // It may wait for a step that is held back, of a thread that has few steps left.
      intended_ = any_of(candidates, random_);
    } else if (intended_ == kNoThread || (candidates & bit(intended_)) == 0) {
      intended_ = drawn_from(candidates);
    }
    auto free = candidates;
    for (ThreadSet set = candidates; set != 0; set &= set - 1) {
      const auto thread = static_cast<ThreadId>(std::countr_zero(set));
      if (thread != intended_ && interesting(thread)) free &= static_cast<ThreadSet>(~bit(thread));
    }
    const ThreadId chosen = any_of(free, random_);
    count_step(chosen);
    return chosen;
  }
  std::uint32_t alone(ThreadId thread) override {
    count_step(thread);
    return 1;
  }
  unsigned pick(unsigned count) override { return random_.below(count); }
  unsigned spurious_failures() override { return fails_ ? 2 : 0; }
  bool fails_spuriously() override { return random_.below(8) == 0; }
  bool reuses() override { return reuses_; }
  bool slow() override { return slow_; }

  bool end(bool whole, UntriedSet) override {
    if (!whole) return true;
    if (address_ == 0) {
      for (unsigned i = 0; i < threads_; ++i) totals_[i] = std::max(done_[i], totals_[i] * 7 / 8);
    }
    if (!surveys_) return true;
    shared_.clear();
    for (const auto& [address, use] : uses_) {
      if (use.is_shared()) shared_.emplace_back(address, use.steps);
    }
    return true;
  }

 private:
  /// The number of steps that each thread has done, or has left.
  using Counts = std::array<std::uint32_t, kMostThreads>;
  /// The number of accesses of one address by each thread.
  struct Usage {
    Counts steps{};
    bool changed = false;

    [[nodiscard]] bool is_shared() const {
      return changed && std::count_if(steps.begin(), steps.end(), [](std::uint32_t each) { return each != 0; }) > 1;
    }
  };
  static constexpr unsigned kBetweenSurveys = 16;  ///< executions

  static ThreadSet bit(ThreadId thread) noexcept { return set_of(thread); }
  /// Whether the thread's next step is interesting. With address 0 every step is.
  [[nodiscard]] bool interesting(ThreadId thread) const {
    return address_ == 0 || runtime.threads[thread].next.address == address_;
  }

  void count_step(ThreadId thread) {
    const Intent& next = runtime.threads[thread].next;
    if (surveys_ && next.address != 0) {
      Usage& use = uses_[next.address];
      ++use.steps[thread];
      use.changed |= next.changes;
    }
    ++done_[thread];
    if (!interesting(thread)) return;
    if (left_[thread] != 0) --left_[thread];
    if (intended_ == thread) intended_ = kNoThread;
  }

  /// The number of steps that the thread has left, including those of children that it has not created yet.
  [[nodiscard]] std::uint32_t weight(ThreadId thread) const {
    const bool next_is_interesting = (known_ & bit(thread)) != 0 && interesting(thread);
    std::uint32_t sum = std::max(left_[thread], next_is_interesting ? 1U : 0U);
    for (ThreadId other = 1; other < threads_; ++other) {
      if ((known_ & bit(other)) == 0 && parent_[other] == thread && other != thread) sum += weight(other);
    }
    return sum;
  }
  ThreadId drawn_from(ThreadSet candidates) {
    std::uint32_t sum = 0;
    Counts weights;  // of the candidates
    for (ThreadSet set = candidates; set != 0; set &= set - 1) {
      const auto thread = static_cast<ThreadId>(std::countr_zero(set));
      sum += weights[thread] = weight(thread);
    }
    if (sum == 0) return any_of(candidates, random_);
    std::uint32_t drawn = random_.below(sum);
    for (ThreadSet set = candidates;; set &= set - 1) {
      const auto thread = static_cast<ThreadId>(std::countr_zero(set));
      if (drawn < weights[thread]) return thread;
      drawn -= weights[thread];
    }
  }

  bool selective_;
  Random random_;
  // State of earlier executions.
  unsigned executions_ = 0;
  unsigned threads_ = 0;                                   ///< the largest number of threads in one execution
  Counts totals_{};                                        ///< all steps
  std::vector<std::pair<std::uintptr_t, Counts>> shared_;  ///< addresses that several threads access and one changes
  std::array<ThreadId, kMostThreads> parent_{};            ///< the creator of each thread
  // State of the current execution.
  bool surveys_ = false;
  std::map<std::uintptr_t, Usage> uses_;
  Counts done_{};
  std::uintptr_t address_ = 0;
  Counts left_{};
  ThreadSet known_ = 0;
  ThreadId intended_ = kNoThread;  ///< the thread that does the next interesting step
  bool reuses_ = true, fails_ = false, fair_ = true, slow_ = false;
};

}  // namespace

std::unique_ptr<Strategy> uniform_walk() { return std::make_unique<UniformWalk>(false); }
std::unique_ptr<Strategy> selectively_uniform_walk() { return std::make_unique<UniformWalk>(true); }

}  // namespace racetrack::explore
