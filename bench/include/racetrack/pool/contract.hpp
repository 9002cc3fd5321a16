// The interface of a pool: its operations (concepts) and its declared properties (traits).
#pragma once

#include <concepts>
#include <cstddef>
#include <cstdint>
#include <string>
#include <utility>

#include <racetrack/scenario.hpp>

namespace racetrack::pool {

/// The declared properties of a pool. Its operations are detected from their signatures.
struct Traits {
  std::string library = "own";  ///< package or project, with its version
  /// Whether the pool starts a thread for every task at once instead of keeping workers. Such a pool ignores `threads`.
  bool thread_per_task = false;
  /// Whether a task may wait for tasks of the same pool, even when all threads wait: a waiting thread runs other tasks,
  /// or each task has its own thread.
  bool nested = false;
  /// Whether submit throws after drain or cancel has begun. False: it may accept a task that will never run.
  bool refuses = true;
  /// Whether the library keeps its workers for the lifetime of the process. Threads that outlive the pool are then no
  /// leak.
  bool lasting_workers = false;
  bool fences = false;  ///< uses atomic_thread_fence where it publishes data; ThreadSanitizer does not model that
};

/// The result of a submitted task. get() blocks until the task has ended, then returns its value or rethrows its
/// exception. It throws std::future_error (broken_promise) when the task will never run. One thread calls it, once.
template <class Future, class Result>
concept FutureOf = std::movable<Future> && requires(Future& future) {
  { future.get() } -> std::same_as<Result>;
};

/// A pool that creates `threads` worker threads. Any thread may call submit(function), including tasks; a thread of the
/// pool calls `function` once. One thread constructs and destroys the pool; the destructor waits for running tasks.
template <class Pool>
concept PoolOf = std::constructible_from<Pool, std::size_t> && requires(Pool& pool, std::uint64_t (*function)()) {
  { pool.submit(function) } -> FutureOf<std::uint64_t>;
};

/// The type that submit returns for `Function`.
template <class Pool, class Function>
using Future = decltype(std::declval<Pool&>().submit(std::declval<Function>()));

/// A pool with structured parallelism. invoke(function) runs function on a thread of the pool and returns when function
/// has returned. The caller becomes that thread or waits for it, so that at most `threads` threads run tasks. Inside
/// function and inside tasks, a Group(pool) runs tasks. The thread that made the group calls run(function) and wait();
/// wait() runs tasks until those of the group have ended.
template <class Pool>
concept HasGroups = requires(Pool& pool, typename Pool::Group& group, void (*function)()) {
  pool.invoke(function);
  requires std::constructible_from<typename Pool::Group, Pool&>;
  group.run(function);
  group.wait();
};

/// drain() rejects new tasks, runs all accepted ones, and returns when the workers have ended. Called once.
template <class Pool>
concept Drains = requires(Pool& pool) {
  pool.drain();
};

/// cancel() rejects new tasks, drops those that have not started (their futures report it), and returns when the
/// workers have ended. Called once.
template <class Pool>
concept Cancels = requires(Pool& pool) {
  pool.cancel();
};

/// wait_idle() blocks until no task is queued or running. Any number of threads call it concurrently.
template <class Pool>
concept WaitsIdle = requires(Pool& pool) {
  pool.wait_idle();
};

/// The counters of a pool since its construction. Read while the pool is idle.
struct Statistics {
  std::uint64_t ran = 0;     ///< tasks that ran
  std::uint64_t stolen = 0;  ///< tasks that a worker took from another worker
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
