// The interface of a strategy, which decides which thread runs next. A new one needs a short file in this folder and a
// line in rotation.cpp.
#pragma once

#include <cstdint>
#include <memory>
#include <string>

#include "explore/happens_before/vector_clock.hpp"
#include "explore/schedule/footprint.hpp"
#include "explore/schedule/random.hpp"
#include "explore/schedule/stale_reads.hpp"
#include "explore/schedule/untried.hpp"

namespace racetrack::explore {

/// A scheduling point with several alternatives.
struct Choice {
  ThreadSet candidates = 0;
  ThreadSet timed = 0;          ///< blocked threads with a deadline; only for a strategy that searches
  ThreadId current = 0;         ///< the thread at the scheduling point
  ThreadId fallback = 0;        ///< the default: the current thread, or the next one when it is blocked or yields
  bool current_can = false;     ///< the current thread can run
  bool current_yields = false;  ///< the current thread yields, spins or has run very many steps in a row
  bool current_spins = false;   ///< the current thread has read the same values again and again
  bool long_run = false;        ///< the current thread has run very many steps in a row
  std::uint32_t step = 0;
};

/// Information for a new execution.
struct Outlook {
  std::uint64_t seed = 0;   ///< of this execution
  std::uint32_t steps = 0;  ///< the longest execution so far
};

/// The coverage of a finished search.
struct Coverage {
  std::string searched;   ///< "all schedules", with their bound and the equivalence that reduces them
  std::string not_tried;  ///< list of the behaviour that was left out
  bool complete = false;  ///< nothing was left out
};

class Strategy {
 public:
  static constexpr std::uint32_t kWheneverBlocked = ~std::uint32_t{0};
  /// Result of choose(): the rest of the execution has been explored already, so that the execution can end.
  static constexpr ThreadId kNoThread = 0xff;

  Strategy() = default;
  Strategy(const Strategy&) = delete;
  Strategy& operator=(const Strategy&) = delete;
  virtual ~Strategy() = default;

  [[nodiscard]] virtual std::string name() const = 0;
  /// Called before each execution.
  virtual void begin(const Outlook& outlook) = 0;
  /// Returns a candidate, which runs next, or one of the `timed` threads. In the latter case its time-out fires, and
  /// choose is called again.
  virtual ThreadId choose(const Choice& choice) = 0;
  /// Whether the strategy enumerates schedules, without random choices. Such a strategy decides at every point whether
  /// a pending time-out fires; for others, EarlyTimeOuts decides. Random devices give the same numbers in all
  /// executions of such a strategy. Called after begin.
  [[nodiscard]] virtual bool searches() const { return false; }
  /// The number of scheduling points of the chosen thread until choose is called again, as long as that thread can run,
  /// does not yield and wakes no other. 1 means the next point.
  virtual std::uint32_t patience() { return 1; }
  /// Returns a number below `count` for a choice that time does not determine, such as which of several waiters is
  /// woken. 0 is the usual outcome.
  virtual unsigned pick(unsigned count) = 0;
  /// Weak memory: chooses one of the `count` stores that a load may read; 0 is the latest. `usual` draws for the
  /// execution.
  virtual unsigned read(unsigned count, StaleReads& usual) { return usual.draw(count); }
  /// The limit of spurious failures in an execution: wakeups without a notification, and weak compare-exchanges that
  /// fail with the expected value. At most Schedule::kMostSpuriousFailures. Called after begin.
  virtual unsigned spurious_failures() { return 0; }
  /// Whether to inject a spurious failure here.
  virtual bool fails_spuriously() { return false; }
  /// Whether freed memory is reused in this execution. Called after begin.
  virtual bool reuses() { return true; }
  /// Whether a step takes a millisecond in this execution, as on a slow machine. Called after begin.
  virtual bool slow() { return false; }
  /// A thread has been created or woken.
  virtual void thread_begins(ThreadId thread) { static_cast<void>(thread); }
  /// Only this thread can run, so choose is not called. Returns the same as patience.
  virtual std::uint32_t alone(ThreadId thread) {
    static_cast<void>(thread);
    return kWheneverBlocked / 2;
  }

  /// Whether the strategy needs the calls of touched, allocated and joined. Called after begin.
  virtual bool watches() { return false; }
  /// The current thread accesses memory or an object.
  virtual void touched(const Touch& touch) { static_cast<void>(touch); }
  /// The current thread allocates a new block, which no other thread has had in this execution.
  virtual void allocated(const Touch& block) { static_cast<void>(block); }
  /// The current thread has joined `thread`, which has ended.
  virtual void joined(ThreadId thread) { static_cast<void>(thread); }

  /// Called after each execution. `whole`: it neither failed nor was abandoned as redundant. `untried`: the kinds that
  /// it left out. Returns false when a search has finished.
  virtual bool end(bool whole, UntriedSet untried) {
    static_cast<void>(whole);
    static_cast<void>(untried);
    return true;
  }
  /// After end has returned false: describes for the user what the search covered and what it left out.
  [[nodiscard]] virtual Coverage coverage() const { return {}; }
  /// After end has returned false: begins the next search, with wider bounds. Returns false when there is none.
  virtual bool deepen() { return false; }
};

/// Returns a random thread of the set, each with the same probability.
ThreadId any_of(ThreadSet set, Random& random) noexcept;

}  // namespace racetrack::explore
