#include <array>
#include <bit>

#include "explore/runtime.hpp"
#include "explore/schedule/bounds.hpp"
#include "explore/schedule/spinners.hpp"
#include "explore/schedule/step.hpp"
#include "explore/schedule/strategies.hpp"

namespace racetrack::explore {
namespace {

/// The blocks that the current step has allocated. No other thread can access them, unless they are recycled: then
/// others may know their address.
class FreshBlocks {
 public:
  void clear() noexcept { count_ = 0; }
  void add(const Touch& block) noexcept {
    if (count_ < blocks_.size()) blocks_[count_++] = block;
  }
  [[nodiscard]] bool contain(const Touch& touch) const noexcept {
    for (unsigned i = 0; i < count_; ++i) {
      if (touch.address - blocks_[i].address < blocks_[i].size) return true;
    }
    return false;
  }

 private:
  std::array<Touch, 8> blocks_{};
  unsigned count_ = 0;
};

class ReducedSearch final : public Strategy {
 public:
  ReducedSearch() : deepening_(kNoBound), steps_(bounds().steps) {}
  [[nodiscard]] std::string name() const override { return "dfs"; }
  [[nodiscard]] bool searches() const override { return true; }
  bool watches() override { return true; }

  void begin(const Outlook&) override {
    depth_ = 0;
    pick_ = 0;
    unfair_ = time_outs_ = stale_ = 0;
    redundant_ = full_ = false;
    spinners_.clear();
    fresh_.clear();
    latest_ = {};
    enabler_ = {};
  }

  ThreadId choose(const Choice& choice) override {
    if (is_full()) return choice.fallback;
    if (choice.current_can && choice.current_spins) spinners_.add(runtime.threads[choice.current]);
    if ((choice.candidates & ~spinners_.waiting()) == 0)
      spinners_.remove(choice.candidates);  // no spinning thread could ever continue
    if (depth_ == length_) {
      const ThreadSet awake = add_step(choice);
      if (awake == 0) {
        --length_;
        redundant_ = true;
        return kNoThread;
      }
      Step& step = steps_[depth_];
      const ThreadSet free = awake & ~step.costly;
      const ThreadSet best = free != 0 ? free : awake;
      const bool stays = (best & set_of(choice.fallback)) != 0;
      step.thread = stays ? choice.fallback : static_cast<ThreadId>(std::countr_zero(best));
      step.wanted = bit(step.thread);
    }
    return take();
  }

  std::uint32_t alone(ThreadId thread) override {
    if (is_full()) return 1;
    spinners_.remove(bit(thread));
    if (depth_ == length_) {
      add_step({.candidates = bit(thread), .current = thread, .fallback = thread, .current_can = true});
      steps_[depth_].thread = thread;
      steps_[depth_].wanted = bit(thread);
    }
    take();
    return 1;
  }

  unsigned pick(unsigned count) override {
    if (depth_ == 0 || full_) return 0;
    std::vector<Step::Pick>& picks = steps_[depth_ - 1].picks;
    if (pick_ == picks.size()) picks.push_back({0, static_cast<std::uint8_t>(count)});
    return picks[pick_++].taken;
  }

  unsigned read(unsigned count, StaleReads&) override {
    if (stale_ == bounds().stale_reads) {
      deepening_.add(Untried::stale_reads);
      return 0;
    }
    const unsigned newer = pick(count);
    if (newer != 0) ++stale_;
    return newer;
  }

  unsigned spurious_failures() override { return bounds().spurious_failures; }
  bool fails_spuriously() override { return pick(2) != 0; }
  bool reuses() override { return bounds().reuse; }

  void thread_begins(ThreadId thread) override {
    enabler_[thread] = static_cast<std::uint32_t>(depth_);
    if (depth_ == 0 || full_) return;
    // The step ends the thread's wait: the time-out could have come first.
    Step& step = steps_[depth_ - 1];
    step.wanted |= step.timed & bit(thread);
  }

  void touched(const Touch& touch) override {
    spinners_.observe(touch);
    if (depth_ < first_new_ || depth_ == 0 || full_) return;
    if (fresh_.contain(touch)) return;
    steps_[depth_ - 1].footprint.add(touch);
  }
  void allocated(const Touch& block) override { fresh_.add(block); }
  void joined(ThreadId thread) override {
    if (depth_ != 0 && latest_[thread] != 0) steps_[depth_ - 1].follows.push_back(latest_[thread] - 1);
  }

  bool end(bool whole, UntriedSet untried) override {
    deepening_.add(untried);
    reverse_races(steps_, depth_, first_new_ != 0 ? first_new_ - 1 : 0);
    length_ = depth_;
    // The other threads' steps after a failure are not known, so every candidate must be tried.
    if (!whole && !redundant_) {
      for (std::size_t i = 0; i < length_; ++i) steps_[i].wanted |= steps_[i].candidates;
    }
    for (; length_ != 0; --length_) {
      if (turn(steps_[length_ - 1])) break;
    }
    first_new_ = length_;
    return length_ != 0;
  }

  [[nodiscard]] Coverage coverage() const override {
    return {"all schedules, but for the order of steps that do not depend on each other", deepening_.describe(),
            deepening_.untried().empty()};
  }
  bool deepen() override {
    if (!deepening_.deepen()) return false;
    if (steps_.size() < bounds().steps) steps_.resize(bounds().steps);
    first_new_ = 0;
    return true;
  }

 private:
  static ThreadSet bit(ThreadId thread) noexcept { return set_of(thread); }

  bool is_full() noexcept {
    if (depth_ != bounds().steps) return false;
    deepening_.add(Untried::later_steps);
    return full_ = true;
  }

  /// Adds a step at the end of the path. Returns the candidates that are not asleep.
  ThreadSet add_step(const Choice& choice) {
    Step& step = steps_[length_++];
    step.candidates = choice.candidates;
    step.costly = spinners_.waiting() & choice.candidates;
    // A thread that has run very many steps in a row is treated as yielding.
    if (choice.long_run && (choice.candidates & ~step.costly & ~bit(choice.current)) != 0)
      step.costly |= choice.candidates & bit(choice.current);
    if (step.costly != 0 && unfair_ == bounds().unfair_turns) {
      deepening_.add(Untried::fairness);
      step.candidates &= ~step.costly;
    }
    if (choice.timed != 0 && time_outs_ == bounds().time_outs) {
      deepening_.add(Untried::time_outs);
    } else {
      step.candidates |= choice.timed;
      step.costly |= choice.timed;
    }
    step.timed = step.candidates & choice.timed;
    step.wanted = step.done = step.asleep = 0;
    step.finished.clear();
    step.picks.clear();
    step.footprint.clear();
    if (depth_ != 0) fall_asleep(step, steps_[depth_ - 1], static_cast<std::uint32_t>(depth_ - 1));
    return step.candidates & ~step.asleep;
  }

  /// Sleep sets (Godefroid, 1996). A thread that slept at the previous step, or was tried there, sleeps on, unless the
  /// previous step depends on the sleeper's next step.
  void fall_asleep(Step& step, const Step& before, std::uint32_t index) {
    const auto inherit = [&](ThreadId thread, std::uint32_t since, const Footprint& would_do) {
      if (thread == before.thread || would_do.depends_on(before.footprint)) return;
      step.asleep |= bit(thread);
      step.asleep_since[thread] = since;
    };
    for (ThreadSet set = before.asleep; set != 0; set &= set - 1) {
      const auto thread = static_cast<ThreadId>(std::countr_zero(set));
      const std::uint32_t since = before.asleep_since[thread];
      for (const auto& [sleeper, did] : steps_[since].finished) {
        if (sleeper == thread) inherit(thread, since, did);
      }
    }
    for (const auto& [sleeper, did] : before.finished) inherit(sleeper, index, did);
  }

  /// Makes the next step of the path the current one.
  ThreadId take() {
    Step& step = steps_[depth_++];
    pick_ = 0;
    fresh_.clear();
    if ((step.timed & bit(step.thread)) != 0) {
      ++time_outs_;
    } else if ((step.costly & bit(step.thread)) != 0) {
      ++unfair_;
    }
    spinners_.remove(bit(step.thread));
    step.previous = latest_[step.thread];
    step.follows.clear();
    if (enabler_[step.thread] != 0) step.follows.push_back(enabler_[step.thread] - 1);
    enabler_[step.thread] = 0;
    latest_[step.thread] = static_cast<std::uint32_t>(depth_);
    return step.thread;
  }

  /// Selects another alternative of the last step of the path. Returns false when none is left.
  bool turn(Step& step) {
    for (; !step.picks.empty(); step.picks.pop_back()) {
      Step::Pick& last = step.picks.back();
      if (last.taken + 1U == last.branches) continue;
      ++last.taken;
      return true;  // its new accesses join those of the other alternative
    }
    step.done |= bit(step.thread);
    // A costly step must not put others to sleep: its cost may be unnecessary once other threads have run first.
    if ((step.costly & bit(step.thread)) == 0) step.finished.emplace_back(step.thread, step.footprint);
    const ThreadSet left = step.wanted & step.candidates & ~step.done & ~step.asleep;
    if (left == 0) return false;
    step.thread = static_cast<ThreadId>(std::countr_zero(left));
    step.footprint.clear();
    return true;
  }

  [[nodiscard]] const Bounds& bounds() const noexcept { return deepening_.bounds(); }

  Deepening deepening_;
  std::vector<Step> steps_;    ///< the path; steps from `length_` on are kept for reuse
  std::size_t length_ = 0;     ///< of the path
  std::size_t depth_ = 0;      ///< steps begun in this execution
  std::size_t first_new_ = 0;  ///< so many steps, except the last, are as in the previous execution
  std::size_t pick_ = 0;       ///< in this step
  unsigned unfair_ = 0, time_outs_ = 0, stale_ = 0;  ///< of this execution
  bool redundant_ = false;                           ///< the rest of this execution has been explored in another order
  bool full_ = false;                                ///< the execution has more steps than are searched
  Spinners spinners_;
  FreshBlocks fresh_;
  std::array<std::uint32_t, kMostThreads> latest_{};   ///< 1 + each thread's latest step
  std::array<std::uint32_t, kMostThreads> enabler_{};  ///< 1 + the step that made it runnable
};

}  // namespace

std::unique_ptr<Strategy> reduced_search() { return std::make_unique<ReducedSearch>(); }

}  // namespace racetrack::explore
