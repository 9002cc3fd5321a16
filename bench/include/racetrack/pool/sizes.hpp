// The amount of work of each task of a round, and its result.
#pragma once

#include <algorithm>
#include <cstdint>

#include <racetrack/scenario.hpp>
#include <racetrack/work.hpp>

namespace racetrack::pool {

/// Longest task in a recorded round, in nanoseconds. The oracles do not depend on the length, and there are many such
/// rounds.
inline constexpr double kLongestJudged = 10'000;

/// The sizes of all tasks: task t runs work(t, steps(t)). With a skew of k, one task in k, selected by its number, is k
/// times as long as the others: nearly half of all work is in a few long tasks.
class Sizes {
 public:
  explicit Sizes(const RoundPlan& plan) : skew_(std::max<std::uint64_t>(1, plan.params.number("skew", 1))) {
    auto grain = static_cast<double>(plan.params.number("grain_ns", 1000));
    if (plan.probe == ProbeKind::history) grain = std::min(grain, kLongestJudged / static_cast<double>(skew_));
    steps_ = std::max<std::uint64_t>(1, static_cast<std::uint64_t>(grain / plan.clock.step_ns));
    effect_ = effect_of_work(steps_);
    long_effect_ = effect_of_work(steps_ * skew_);
  }

  /// Returns the steps of a task.
  [[nodiscard]] std::uint64_t steps(std::uint64_t task) const noexcept {
    return is_long(task) ? steps_ * skew_ : steps_;
  }
  /// Returns the steps of all tasks below `tasks`.
  [[nodiscard]] std::uint64_t steps_below(std::uint64_t tasks) const noexcept {
    if (skew_ == 1) return steps_ * tasks;
    std::uint64_t sum = 0;
    for (std::uint64_t task = 0; task < tasks; ++task) sum += steps(task);
    return sum;
  }

  /// Performs the task's work and returns its result.
  [[nodiscard]] std::uint64_t run(std::uint64_t task) const noexcept { return work(task, steps(task)); }
  /// Returns the correct result of run(task).
  [[nodiscard]] std::uint64_t result(std::uint64_t task) const noexcept {
    return (is_long(task) ? long_effect_ : effect_)(task);
  }

 private:
  [[nodiscard]] bool is_long(std::uint64_t task) const noexcept {
    if (skew_ == 1) return false;
    // Fibonacci hashing (Knuth, volume 3, 6.4), so that a pool that distributes tasks round-robin does not give all
    // long ones to one worker.
    return (task * 0x9e3779b97f4a7c15U >> 32U) % skew_ == 0;
  }

  std::uint64_t steps_ = 1;
  std::uint64_t skew_;
  Affine effect_, long_effect_;
};

}  // namespace racetrack::pool
