// Evidence that an execution never ends: each thread that can run, when it runs alone, returns to an earlier state and
// changes nothing.
#pragma once

#include <array>
#include <cstddef>
#include <cstdint>
#include <optional>
#include <string>
#include <vector>

#include "explore/sync_object.hpp"
#include "explore/thread.hpp"
#include "explore/trace/event.hpp"

namespace racetrack::explore {

/// Probes long executions at steps 5,000, 10,000, 20,000, ... From there, each thread that can run, or whose time-out
/// can fire, runs alone until it reaches the same state twice.
///
/// The state of a thread is the used part of its stack and its saved registers. Between two tries of a waiting loop of
/// the harness, it is only the place of the loop: see racetrack_explore_retry(). In addition, all memory written since
/// the probe began, all synchronisation objects, and the sets of threads that can run must be as at the beginning of
/// the probe. When several threads can run, or when another thread becomes runnable within a round, a stricter
/// condition holds: nothing that other threads can observe may differ within the rounds either. A lock that is free
/// only briefly, for example, lets another thread proceed. Under these conditions any order of such rounds leads back
/// to the same state, and no thread makes progress.
///
/// A thread that allocates, reads the clock or completes no such round in 512 decisions ends the probe without
/// evidence, and the strategy decides again.
///
/// Only instrumented writes are known: code that is not instrumented changes memory unnoticed.
class HangProbe {
 public:
  void begin_execution() noexcept {
    active_ = false;
    next_ = kFirst;
  }
  /// The step at which the scheduler must decide, so that the next probe is in time.
  [[nodiscard]] std::uint32_t next_step() const noexcept { return next_; }
  [[nodiscard]] bool active() const noexcept { return active_; }
  /// Schedules the next probe for now.
  void suspect(std::uint32_t step) noexcept {
    if (!active_) next_ = step;
  }

  /// Begins a probe. The current thread is at a scheduling decision.
  void begin(std::uint32_t step, ThreadSet runnable, ThreadSet timed);
  /// Returns the thread that runs next for the probe, or nothing when the probe has ended without evidence. Ends the
  /// execution with a hang when there is evidence.
  std::optional<ThreadId> next(std::uint32_t step, ThreadSet runnable, ThreadSet timed);

  /// Records an operation of the current thread, before it changes memory. Call it only while the probe is active.
  void observe(Operation operation, std::uintptr_t address, std::size_t size);
  /// Records that the current thread reads the clock.
  void observe_time() noexcept { disturbed_ = true; }

 private:
  static constexpr std::uint32_t kFirst = 5000;
  static constexpr unsigned kMostAlone = 512;        ///< decisions of one thread
  static constexpr std::size_t kMostWritten = 4096;  ///< words

  struct Written {
    std::uintptr_t word;
    std::uint64_t before;
    bool own;  ///< on the stack of the thread that runs alone, and accessed by no other thread
  };
  struct State {
    std::uintptr_t caller = 0;  ///< where the subject continues
    std::uintptr_t stack_pointer = 0;
    std::array<std::uintptr_t, 6> registers{};
    std::vector<std::uint64_t> stack;
    bool operator==(const State&) const = default;
  };
  struct Round {
    ThreadId thread;
    std::uint32_t steps;
    std::uintptr_t caller;  ///< the lowest caller address of the round
  };

  [[nodiscard]] static bool read_state(State& state);
  [[nodiscard]] bool is_as_at_the_beginning(ThreadSet runnable, ThreadSet timed);
  /// Whether other threads can observe a difference.
  [[nodiscard]] bool differs_for_others(ThreadSet runnable, ThreadSet timed) const;
  void remember(std::uintptr_t word, bool own);
  void end();
  [[noreturn]] void report();

  bool active_ = false, disturbed_ = false;
  std::uint32_t next_ = kFirst, began_ = 0;
  // State when the probe began.
  ThreadSet runnable_ = 0, timed_ = 0;
  unsigned thread_count_ = 0;
  std::vector<SyncState> objects_;
  std::vector<Written> written_;
  // State of the thread that runs alone.
  ThreadSet left_ = 0;  ///< threads that have not run yet
  std::optional<ThreadId> alone_;
  unsigned decisions_ = 0, compared_ = 0;
  bool differed_ = false;    ///< within its round, others could observe a difference
  ThreadSet let_run_ = 0;    ///< threads that became runnable within its round
  std::uint32_t since_ = 0;  ///< step of `earlier_`
  std::uintptr_t caller_ = 0;
  std::uintptr_t retried_at_ = 0;  ///< Thread::retries_at of the latest retry in this round, 0 before the first
  std::uint32_t retried_ = 0;      ///< its step
  State earlier_, now_;
  std::vector<Round> rounds_;
};

}  // namespace racetrack::explore
