// What a strategy is: it decides who goes next. A new one is one short file beside this, and a line in rotation.cpp.
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

/// A point at which several threads can go on.
struct Choice {
  ThreadSet candidates = 0;
  ThreadSet timed = 0;          ///< blocked threads with a deadline; only for a strategy that searches
  ThreadId current = 0;         ///< who arrived here
  ThreadId fallback = 0;        ///< who goes on when nobody has a wish: the current one, unless it is blocked or yields
  bool current_can = false;     ///< go on
  bool current_yields = false;  ///< it spins, or said so
  bool current_spins = false;   ///< it has looked at the same again and again
  bool long_run = false;        ///< it has had very many steps in a row
  std::uint32_t step = 0;
};

/// What is known of earlier executions when one begins.
struct Outlook {
  std::uint64_t seed = 0;   ///< of this execution
  std::uint32_t steps = 0;  ///< the longest execution so far
};

/// The coverage of a finished search.
struct Coverage {
  std::string searched;   ///< "all schedules", with their bound and up to what they are the same
  std::string not_tried;  ///< what else was left out, as a list
  bool complete = false;  ///< nothing was left out
};

class Strategy {
 public:
  static constexpr std::uint32_t kWheneverBlocked = ~std::uint32_t{0};
  /// A choice: what would come from here has been seen already, so that the execution need not go on.
  static constexpr ThreadId kNobody = 0xff;

  Strategy() = default;
  Strategy(const Strategy&) = delete;
  Strategy& operator=(const Strategy&) = delete;
  virtual ~Strategy() = default;

  [[nodiscard]] virtual std::string name() const = 0;
  /// Before each execution.
  virtual void begin(const Outlook& outlook) = 0;
  /// Returns one of the candidates, which runs next; or one of the `timed` threads: its time-out fires, and choose is called again.
  virtual ThreadId choose(const Choice& choice) = 0;
  /// Does the strategy go through schedules one after the other, without random choices? Then it decides itself when time-outs fire, at every
  /// point while a thread waits with a deadline; otherwise they fire as EarlyTimeOuts draws. And random devices give the same numbers in all of
  /// its executions. Asked after begin.
  [[nodiscard]] virtual bool searches() const { return false; }
  /// How many scheduling points of the thread just chosen may pass until choose is called again, as long as that thread can go on, does
  /// not yield and wakes nobody. 1: the next one.
  virtual std::uint32_t patience() { return 1; }
  /// A number below `count`, where order is not time's: which of several waiters is woken. 0 is what happens mostly.
  virtual unsigned pick(unsigned count) = 0;
  /// Weak memory: which of `count` stores a load reads that nothing hides from it, the latest being 0. `usual`: as the execution drew.
  virtual unsigned read(unsigned count, StaleReads& usual) { return usual.draw(count); }
  /// How many spurious failures an execution may have: wakeups without a notification, weak compare-exchanges that fail with the expected
  /// value. At most Schedule::kMostSpuriousFailures. Asked after begin.
  virtual unsigned spurious_failures() { return 0; }
  /// Does one happen here?
  virtual bool fails_spuriously() { return false; }
  /// Is freed memory handed out again in this execution? Asked after begin.
  virtual bool reuses() { return true; }
  /// Is the machine slow in this execution: a step takes a millisecond? Asked after begin.
  virtual bool slow() { return false; }
  /// A thread has been made or woken.
  virtual void thread_begins(ThreadId thread) { static_cast<void>(thread); }
  /// Nobody but this thread can go on: there was nothing to choose. Answers as patience does.
  virtual std::uint32_t alone(ThreadId thread) {
    static_cast<void>(thread);
    return kWheneverBlocked / 2;
  }

  /// Is what the threads do of interest? Asked after begin.
  virtual bool watches() { return false; }
  /// The current thread does this, in new memory, after the end of that thread.
  virtual void touched(const Touch& touch) { static_cast<void>(touch); }
  virtual void allocated(const Touch& block) { static_cast<void>(block); }
  virtual void joined(ThreadId thread) { static_cast<void>(thread); }

  /// After each execution; `whole`: it did not fail and was not given up; `untried`: the kinds that it left out. False: a search has finished.
  virtual bool end(bool whole, UntriedSet untried) {
    static_cast<void>(whole);
    static_cast<void>(untried);
    return true;
  }
  /// After end has returned false: what was searched and what was not, for a reader.
  [[nodiscard]] virtual Coverage coverage() const { return {}; }
  /// After end has returned false: begins the next search, within wider bounds. False: there is none.
  virtual bool deepen() { return false; }
};

/// One of the threads in a set, each as likely.
ThreadId any_of(ThreadSet set, Random& random) noexcept;

}  // namespace racetrack::explore
