// Evidence that an execution never ends: each thread that can run, alone, returns to a state in which it was before, and nothing has changed.
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

/// Long executions are probed at steps 5,000, 10,000, 20,000, ...: from there, each thread that can run, or whose time-out can fire, runs alone
/// until it is in the same state twice. A thread's state is its part of the stack and its saved registers; besides, all memory that was
/// written since, all synchronisation objects, and the sets of threads that can run must be as they were when the probe began. Where several
/// threads can run, or a round lets another one run, nothing that others can see may differ within the rounds either: a lock that is free for a
/// moment lets another thread proceed. Then any order of such rounds leads back to the same state, and no thread makes progress. A thread that
/// allocates, reads the clock or has no such round in 512 decisions ends the probe without evidence, and the strategy decides again.
///
/// Writes are known by the instrumentation: code that is not instrumented changes memory unnoticed.
class HangProbe {
 public:
  void begin_execution() noexcept {
    active_ = false;
    next_ = kFirst;
  }
  /// The step by which the scheduler must decide, so that the next probe is in time.
  [[nodiscard]] std::uint32_t next_step() const noexcept { return next_; }
  [[nodiscard]] bool active() const noexcept { return active_; }
  /// The next probe is now.
  void suspect(std::uint32_t step) noexcept {
    if (!active_) next_ = step;
  }

  /// Begins a probe: the current thread is at a scheduling decision.
  void begin(std::uint32_t step, ThreadSet runnable, ThreadSet timed);
  /// The thread that runs next for the probe; nothing when it has ended without evidence. Ends the execution with a hang when there is
  /// evidence.
  std::optional<ThreadId> next(std::uint32_t step, ThreadSet runnable, ThreadSet timed);

  /// An operation of the current thread, before it changes memory. Only while active.
  void see(Operation operation, std::uintptr_t address, std::size_t size);
  /// The current thread reads the clock.
  void see_time() noexcept { disturbed_ = true; }

 private:
  static constexpr std::uint32_t kFirst = 5000;
  static constexpr unsigned kMostAlone = 512;        ///< decisions of one thread
  static constexpr std::size_t kMostWritten = 4096;  ///< words

  struct Written {
    std::uintptr_t word;
    std::uint64_t before;
    bool own;  ///< on the stack of the thread that runs alone, and no other thread has accessed it
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
    std::uintptr_t caller;  ///< the lowest of its round
  };

  [[nodiscard]] static bool read_state(State& state);
  [[nodiscard]] bool is_as_at_the_beginning(ThreadSet runnable, ThreadSet timed);
  /// Whether others can see a difference.
  [[nodiscard]] bool differs_for_others(ThreadSet runnable, ThreadSet timed) const;
  void remember(std::uintptr_t word, bool own);
  void end();
  [[noreturn]] void report();

  bool active_ = false, disturbed_ = false;
  std::uint32_t next_ = kFirst, began_ = 0;
  // When the probe began.
  ThreadSet runnable_ = 0, timed_ = 0;
  unsigned thread_count_ = 0;
  std::vector<SyncState> objects_;
  std::vector<Written> written_;
  // Of the thread that runs alone.
  ThreadSet left_ = 0;  ///< threads that have not run yet
  std::optional<ThreadId> alone_;
  unsigned decisions_ = 0, compared_ = 0;
  bool differed_ = false;    ///< within its round, others could see a difference
  ThreadSet let_run_ = 0;    ///< threads that could run within its round and could not when the probe began
  std::uint32_t since_ = 0;  ///< step of `earlier_`
  std::uintptr_t caller_ = 0;
  State earlier_, now_;
  std::vector<Round> rounds_;
};

}  // namespace racetrack::explore
