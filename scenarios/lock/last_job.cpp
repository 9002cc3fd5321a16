// The owner of a work-stealing deque and a thief compete for the last job (Chase and Lev, SPAA 2005; Lê, Pop, Cohen and
// Zappa Nardelli, Correct and Efficient Work-Stealing for Weak Memory Models, PPoPP 2013). The owner announces that it
// takes the job, then checks whether a thief has stolen it. The thief checks whether the job is there, then takes it by
// a compare-exchange.
//
//   acquire_release_fences  the fence between the owner's announcement and its check is not sequentially consistent. On
//                           x86 it compiles to no instruction, and the check may come first. Then neither thread sees
//                           the other, and the job runs twice.
//   seq_cst_fences          correct: the two fences have one order.
#include <array>
#include <atomic>
#include <cstddef>
#include <cstdint>
#include <string>

#include <racetrack/lock.hpp>
#include <racetrack/platform.hpp>
#include <racetrack/plugin.hpp>

namespace {

constexpr std::int64_t kMostSteps = 128;

template <std::memory_order kFence>
class LastJob {
 public:
  static constexpr std::size_t kThreads = 2;

  /// Thread 0 is the owner: it makes two jobs and takes two. Thread 1 steals one.
  void step(std::size_t thread) {
    if (thread != 0) return run(steal());
    push();
    push();
    run(take());
    run(take());
  }

  [[nodiscard]] racetrack::Verdict check() const {
    std::uint64_t lost = 0, twice = 0;
    for (std::int64_t job = 0; job < made_; ++job) {
      const int runs = runs_[static_cast<std::size_t>(job)];
      lost += runs == 0 ? 1U : 0U;
      twice += runs > 1 ? 1U : 0U;
    }
    if (lost == 0 && twice == 0) return {};
    return {racetrack::Result::fail, twice != 0 ? "duplicated" : "lost", "oracle.count",
            "of " + std::to_string(made_) + " jobs " + std::to_string(twice) + " ran twice and " +
                std::to_string(lost) + " never"};
  }

 private:
  static constexpr std::int64_t kNone = -1;

  void push() {
    const std::int64_t bottom = bottom_.load(std::memory_order_relaxed);  // relaxed: only the owner writes it
    jobs_[static_cast<std::size_t>(bottom)].store(made_++, std::memory_order_relaxed);  // published below
    bottom_.store(bottom + 1, std::memory_order_release);  // release: pairs with the acquire in steal
  }
  std::int64_t take() {
    const std::int64_t bottom = bottom_.load(std::memory_order_relaxed) - 1;  // relaxed: only the owner writes it
    bottom_.store(bottom, std::memory_order_release);                         // release: as in push
    std::atomic_thread_fence(kFence);                                         // pairs with the fence in steal
    std::int64_t top = top_.load(std::memory_order_relaxed);                  // relaxed: ordered by the fence
    std::int64_t job = top <= bottom ? jobs_[static_cast<std::size_t>(bottom)].load(std::memory_order_relaxed) : kNone;
    if (top < bottom) return job;
    // The last job, or none: thieves compete for it.
    if (top == bottom &&
        !top_.compare_exchange_strong(top, top + 1, std::memory_order_seq_cst, std::memory_order_relaxed))
      job = kNone;
    bottom_.store(bottom + 1, std::memory_order_release);  // release: as in push
    return job;
  }
  std::int64_t steal() {
    std::int64_t top = top_.load(std::memory_order_acquire);  // acquire: must precede the load of bottom
    std::atomic_thread_fence(kFence);                         // pairs with the fence in take
    if (top >= bottom_.load(std::memory_order_acquire)) return kNone;
    const std::int64_t job = jobs_[static_cast<std::size_t>(top)].load(std::memory_order_relaxed);
    // Failure means that another thread has taken the job.
    return top_.compare_exchange_strong(top, top + 1, std::memory_order_seq_cst, std::memory_order_relaxed) ? job
                                                                                                            : kNone;
  }
  void run(std::int64_t job) {
    // relaxed: read after the join.
    if (job != kNone) runs_[static_cast<std::size_t>(job)].fetch_add(1, std::memory_order_relaxed);
  }

  alignas(racetrack::kApart) std::atomic<std::int64_t> top_{0};
  alignas(racetrack::kApart) std::atomic<std::int64_t> bottom_{0};
  std::array<std::atomic<std::int64_t>, kMostSteps + 1> jobs_{};
  std::array<std::atomic<int>, kMostSteps + 1> runs_{};
  std::int64_t made_ = 0;  ///< only the owner uses it
};

}  // namespace

RACETRACK_PLUGIN(registry) {
  using racetrack::Grade;
  using racetrack::lock::Family;
  const racetrack::lock::Traits traits{.workload = "last_job", .most_steps = kMostSteps};
  registry.add<Family, LastJob<std::memory_order_acq_rel>>(
      "acquire_release_fences", traits,
      {{.detector = "explorer.weak", .kind = "duplicated", .grade = Grade::must},
       {.detector = "explorer.weak", .kind = "lost", .grade = Grade::may},
       {.detector = "oracle.count", .kind = "*", .grade = Grade::may}},
      racetrack::Standing::control);
  registry.add<Family, LastJob<std::memory_order_seq_cst>>("seq_cst_fences", traits);
}
