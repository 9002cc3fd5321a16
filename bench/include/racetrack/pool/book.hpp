// The record of the tasks of a round. The threads that run tasks belong to the pool and not to the harness, so they
// have no logs; instead, each task has an entry.
#pragma once

#include <atomic>
#include <cstdint>
#include <exception>
#include <utility>
#include <vector>

#include <racetrack/history.hpp>
#include <racetrack/platform.hpp>
#include <racetrack/pool/sizes.hpp>
#include <racetrack/probe.hpp>
#include <racetrack/scenario.hpp>

namespace racetrack::pool {

/// The exception that some tasks of a recorded round throw.
struct TaskFailed : std::exception {
  explicit TaskFailed(std::uint64_t which) noexcept : task(which) {}
  [[nodiscard]] const char* what() const noexcept override { return "a task that throws"; }
  std::uint64_t task;
};

/// Records what happens to each task. Tasks write only their own entries and relaxed counters, which order no threads.
/// Read it after the pool's threads have been joined.
class Book {
 public:
  /// Task numbers are below `tasks`. `team` is the number of the harness's threads; the pool's threads are numbered
  /// from there. With `throwing`, some tasks of a recorded round throw.
  Book(const RoundPlan& plan, std::uint64_t tasks, std::size_t team, bool throwing)
      : sizes_(plan),
        stamped_(plan.stamped),
        throwing_(throwing),
        disturbance_(plan.worker_disturbance),
        next_worker_(static_cast<std::uint32_t>(team)) {
    if (plan.probe == ProbeKind::history) entries_ = std::vector<Entry>(tasks);
  }

  /// Returns the amount of work of each task.
  [[nodiscard]] const Sizes& sizes() const noexcept { return sizes_; }
  /// Returns the number of entries: 0 in a round that is not recorded.
  [[nodiscard]] std::uint64_t tasks() const noexcept { return entries_.size(); }
  /// Returns whether the body of this task throws TaskFailed.
  [[nodiscard]] bool throws(std::uint64_t task) const noexcept {
    return throwing_ && !entries_.empty() && task % kThrowsOneIn == kThrowsOneIn / 2;
  }
  /// Returns the tick at which the first task ended, or 0 when none has.
  [[nodiscard]] Ticks first_end() const noexcept { return first_end_.load(std::memory_order_relaxed); }

  /// Runs body() as task `task` on the calling thread, records it, and returns its result.
  template <class Probe, class Body>
  auto run(std::uint64_t task, Body&& body) {
    if constexpr (Probe::kKind == ProbeKind::history) {
      Running running(*this, task, Action::run);
      if (throws(task)) {
        running.outcome = Outcome::thrown;
        throw TaskFailed(task);
      }
      return body();
    } else {
      auto result = body();
      note_first_end();
      return result;
    }
  }

  /// Records that a task submits task `task`: calls submit() and returns its result.
  template <class Probe, class Submit>
  auto fork(std::uint64_t task, Submit&& submit) {
    if constexpr (Probe::kKind == ProbeKind::history) {
      const Running running(*this, task, Action::push);
      return submit();
    } else {
      return submit();
    }
  }

  /// Records that a task gets the result of task `task`: calls get() and returns its result. `right` is the correct
  /// result.
  template <class Probe, class Get>
  std::uint64_t result(std::uint64_t task, std::uint64_t right, Get&& get) {
    if constexpr (Probe::kKind == ProbeKind::history) {
      Running running(*this, task, Action::result);
      running.outcome = Outcome::wrong;  // also when get() throws
      const std::uint64_t result = get();
      if (result == right) running.outcome = Outcome::ok;
      return result;
    } else {
      return get();
    }
  }

  /// Appends the recorded operations.
  void append_to(std::vector<Operation>& operations) const {
    for (const Entry& entry : entries_) {
      if (entry.forks.load(std::memory_order_relaxed) != 0) operations.push_back(entry.fork);
      if (entry.results.load(std::memory_order_relaxed) != 0) operations.push_back(entry.result);
      const std::uint32_t runs = entry.runs.load(std::memory_order_relaxed);
      if (runs > 0) operations.push_back(entry.run);
      if (runs > 1) operations.push_back(entry.run_again);
    }
  }

 private:
  static constexpr std::uint64_t kThrowsOneIn = 16;

  struct alignas(kApart) Entry {
    Operation fork, run, run_again, result;
    std::atomic<std::uint32_t> forks{0}, runs{0}, results{0};
  };

  /// Records an operation of a pool thread, from construction to destruction.
  class Running {
   public:
    Running(Book& book, std::uint64_t task, Action action) noexcept : book_(book), task_(task), action_(action) {
      book_.disturbance_();
      if (book_.stamped_) invoked_ = ticks_before();
    }
    Running(const Running&) = delete;
    Running& operator=(const Running&) = delete;
    ~Running() {
      const Ticks now = book_.stamped_ ? ticks_visible() : 0;
      book_.slot_for(task_, action_) = {task_, invoked_, now, book_.number_of_this_thread(), 0, action_, outcome};
      book_.disturbance_();
    }
    Outcome outcome = Outcome::ok;

   private:
    Book& book_;
    std::uint64_t task_;
    Action action_;
    Ticks invoked_ = 0;
  };

  Operation& slot_for(std::uint64_t task, Action action) noexcept {
    Entry& entry = entries_[task];
    // Relaxed: the counters only select an entry's slot and order nothing.
    if (action == Action::push) {
      entry.forks.fetch_add(1, std::memory_order_relaxed);
      return entry.fork;
    }
    if (action == Action::result) {
      entry.results.fetch_add(1, std::memory_order_relaxed);
      return entry.result;
    }
    return entry.runs.fetch_add(1, std::memory_order_relaxed) == 0 ? entry.run : entry.run_again;
  }

  std::uint32_t number_of_this_thread() noexcept {
    // initial-exec: the memory of a plugin's ordinary thread-local variables is allocated on first use. For a detached
    // thread, it is freed by the thread that starts the next one, which ThreadSanitizer reports as a race.
    [[gnu::tls_model("initial-exec")]] thread_local std::pair<const Book*, std::uint32_t> known{nullptr, 0};
    // Relaxed: the numbers only have to be distinct.
    if (known.first != this) known = {this, next_worker_.fetch_add(1, std::memory_order_relaxed)};
    return known.second;
  }

  void note_first_end() noexcept {
    // Relaxed: a time stamp that is read after the join.
    if (first_end_.load(std::memory_order_relaxed) != 0) return;
    Ticks none = 0;
    first_end_.compare_exchange_strong(none, ticks(), std::memory_order_relaxed);
  }

  Sizes sizes_;
  bool stamped_;
  bool throwing_;
  Disturbance disturbance_;
  std::vector<Entry> entries_;
  alignas(kApart) std::atomic<std::uint32_t> next_worker_;
  alignas(kApart) std::atomic<Ticks> first_end_{0};
};

}  // namespace racetrack::pool
