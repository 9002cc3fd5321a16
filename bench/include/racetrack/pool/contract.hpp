// What a pool is here: its operations (concepts) and its declared properties (traits).
#pragma once

#include <concepts>
#include <cstddef>
#include <cstdint>
#include <string>
#include <utility>

#include <racetrack/scenario.hpp>

namespace racetrack::pool {

/// What a pool declares of itself. Operations are found out from its signatures.
struct Traits {
  std::string library = "own";  ///< package or project, with its version
  /// No workers: every task gets a thread of its own, at once. `threads` means nothing to it.
  bool thread_per_task = false;
  /// A task may wait for tasks of the same pool, however many tasks wait: it helps meanwhile, or has a thread of its own.
  bool nested = false;
  /// submit throws once drain or cancel has begun. False: it may accept what will never run.
  bool refuses = true;
  /// The library keeps its workers for the process when a pool is destroyed: threads that are still there then are no leak.
  bool lasting_workers = false;
  bool fences = false;  ///< uses atomic_thread_fence where it publishes data; ThreadSanitizer does not model that
};

/// The result of a task that has been submitted. get() waits, and returns what the task returned or throws what it threw; it throws
/// std::future_error (broken_promise) when the task will never run. Called once, by one thread.
template <class Future, class Result>
concept FutureOf = std::movable<Future> && requires(Future& future) {
  { future.get() } -> std::same_as<Result>;
};

/// A pool of `threads` worker threads that it makes itself. submit(function) is called by any thread, tasks included; `function` is
/// called once, by a thread of the pool. Construction and destruction by one thread; the destructor waits for running tasks.
template <class Pool>
concept PoolOf = std::constructible_from<Pool, std::size_t> && requires(Pool& pool, std::uint64_t (*function)()) {
  { pool.submit(function) } -> FutureOf<std::uint64_t>;
};

template <class Pool, class Function>
using Future = decltype(std::declval<Pool&>().submit(std::declval<Function>()));

/// A pool with structured parallelism. invoke(function) runs function as one of the pool's threads and returns when it has returned;
/// the caller becomes that thread or waits for it, so that never more than `threads` threads run tasks. Within, and within tasks, a
/// Group(pool) runs tasks: run(function) by the thread that made the group, wait() by the same, which runs tasks meanwhile.
template <class Pool>
concept HasGroups = requires(Pool& pool, typename Pool::Group& group, void (*function)()) {
  pool.invoke(function);
  requires std::constructible_from<typename Pool::Group, Pool&>;
  group.run(function);
  group.wait();
};

/// drain() accepts no more tasks, has those run that were accepted, and returns when the workers have ended. Called once.
template <class Pool>
concept Drains = requires(Pool& pool) {
  pool.drain();
};

/// cancel() accepts no more tasks, drops those that do not run yet (their futures tell), and returns when the workers have ended.
/// Called once.
template <class Pool>
concept Cancels = requires(Pool& pool) {
  pool.cancel();
};

/// wait_idle() returns when no task is queued or running. Called by any number of threads at once.
template <class Pool>
concept WaitsIdle = requires(Pool& pool) {
  pool.wait_idle();
};

/// Counts of a pool that keeps them, since it was made. Read when it has nothing to do.
struct Statistics {
  std::uint64_t ran = 0;     ///< tasks
  std::uint64_t stolen = 0;  ///< of them, taken from another worker
};
template <class Pool>
concept KeepsStatistics = requires(const Pool& pool) {
  { pool.statistics() } -> std::same_as<Statistics>;
};

template <class Pool>
TraitList to_list(const Traits& traits) {
  return {{"library", traits.library}, {"thread_per_task", traits.thread_per_task},
          {"nested", traits.nested},   {"groups", HasGroups<Pool>},
          {"drains", Drains<Pool>},    {"cancels", Cancels<Pool>},
          {"refuses", traits.refuses}, {"lasting_workers", traits.lasting_workers},
          {"fences", traits.fences}};
}

}  // namespace racetrack::pool
