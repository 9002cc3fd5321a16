// This project's pool: work stealing, with workers that park when idle instead of spinning.
#pragma once

#include <algorithm>
#include <atomic>
#include <cstdint>
#include <exception>
#include <memory>
#include <mutex>
#include <stdexcept>
#include <thread>
#include <type_traits>
#include <utility>
#include <vector>

#include <racetrack/platform.hpp>
#include <racetrack/pool/contract.hpp>

#include "blocks.hpp"
#include "chase_lev.hpp"
#include "job.hpp"
#include "parking.hpp"

/// Algorithm: each worker has a deque (chase_lev.hpp). A worker takes jobs from three places, in this order: its own
/// deque, last in first out; the queue of tasks from outside, in batches; other workers' deques, first in first out
/// (Blumofe and Leiserson, Scheduling Multithreaded Computations by Work Stealing, JACM 1999). A worker that finds
/// nothing searches for some microseconds, unless half of the workers already search, and then parks (parking.hpp). A
/// thread that creates work wakes one worker, unless one is searching. A worker that has found work wakes another one
/// if there is more: when it was the last one searching, was woken, or found it on its way to park. Waiting: a worker
/// that waits for a future or a group runs other tasks. Progress: blocking (the queue of tasks from outside has a
/// mutex).
class WorkStealingPool {
  struct Worker;

 public:
  class Group;
  template <class Result>
  class Future;

  explicit WorkStealingPool(std::size_t threads)
      : most_searchers_(static_cast<std::uint32_t>(std::max<std::size_t>(1, threads / 2))) {
    for (std::size_t i = 0; i < threads; ++i) workers_.push_back(std::make_unique<Worker>(*this, i));
    for (const auto& worker : workers_) threads_.emplace_back([&worker = *worker] { worker.serve(); });
  }
  WorkStealingPool(const WorkStealingPool&) = delete;
  WorkStealingPool& operator=(const WorkStealingPool&) = delete;
  ~WorkStealingPool() { drain(); }

  /// Throws std::runtime_error after drain or cancel.
  template <class Function>
  auto submit(Function function) {
    using State = FutureState<std::invoke_result_t<Function&>>;
    auto job = std::make_unique<Submitted<Function>>(std::move(function));
    if (Worker* const worker = Worker::here(*this)) {
      // relaxed: a task that submits during the shutdown may be accepted or refused.
      if (closed_.load(std::memory_order_relaxed)) throw std::runtime_error("the pool has been shut down");
      worker->deque.push(job.get());
    } else {
      outside_.push(*job, closed_);
    }
    State* const state = job.release();
    wake_for_work();
    return Future<std::invoke_result_t<Function&>>(state, *this);
  }

  /// Runs `function` on a worker and waits for it. On a worker it calls `function` directly.
  template <class Function>
  void invoke(Function&& function) {
    if (Worker::here(*this) != nullptr) {
      function();
    } else {
      submit([&function] {
        function();
        return true;
      }).get();
    }
  }

  void drain() { shut_down(); }
  void cancel() {
    cancelled_.store(true, std::memory_order_relaxed);  // relaxed: workers read it for each job; late is harmless
    shut_down();
  }

  [[nodiscard]] racetrack::pool::Statistics statistics() const noexcept {
    racetrack::pool::Statistics all;
    for (const auto& worker : workers_) {
      all.ran += worker->ran.load(std::memory_order_relaxed);
      all.stolen += worker->stolen.load(std::memory_order_relaxed);
    }
    return all;
  }

 private:
  static constexpr int kSearches = 100;      ///< before a worker parks: takes some microseconds
  static constexpr std::size_t kBatch = 16;  ///< tasks from outside that a worker takes at once

  /// Tasks from outside, first in first out.
  class Outside {
   public:
    void push(Job& job, const std::atomic<bool>& closed) {
      const std::lock_guard lock(mutex_);
      // relaxed: set under the mutex.
      if (closed.load(std::memory_order_relaxed)) throw std::runtime_error("the pool has been shut down");
      (last_ == nullptr ? first_ : last_->next) = &job;
      last_ = &job;
      size_.store(size_.load(std::memory_order_relaxed) + 1, std::memory_order_relaxed);  // changed under the mutex
    }
    /// Returns the first job, or nullptr. Moves a fair share of the following jobs to `deque`.
    Job* take(ChaseLevDeque& deque, std::size_t workers) {
      if (empty()) return nullptr;
      const std::lock_guard lock(mutex_);
      const std::size_t share = std::min(kBatch, size_.load(std::memory_order_relaxed) / workers + 1);
      Job* const first = take_first();
      for (std::size_t more = 1; more < share; ++more) {
        if (Job* const job = take_first()) deque.push(job);
      }
      return first;
    }
    /// A hint; see Parking.
    [[nodiscard]] bool empty() const noexcept { return size_.load(std::memory_order_relaxed) == 0; }
    void close(std::atomic<bool>& closed) {
      const std::lock_guard lock(mutex_);
      // release: pairs with the acquire in serve; a worker that sees it closed also sees all accepted jobs.
      closed.store(true, std::memory_order_release);
    }

   private:
    Job* take_first() {
      Job* const job = first_;
      if (job == nullptr) return nullptr;
      first_ = job->next;
      if (first_ == nullptr) last_ = nullptr;
      size_.store(size_.load(std::memory_order_relaxed) - 1, std::memory_order_relaxed);  // changed under the mutex
      return job;
    }

    std::mutex mutex_;
    Job *first_ = nullptr, *last_ = nullptr;
    alignas(racetrack::kApart) std::atomic<std::size_t> size_{0};
  };

  struct alignas(racetrack::kApart) Worker {
    Worker(WorkStealingPool& owner, std::size_t index) : pool(owner), next_victim(index + 1) {}

    /// The calling thread's worker in `pool`, or nullptr.
    static Worker* here(const WorkStealingPool& pool) noexcept {
      return current != nullptr && &current->pool == &pool ? current : nullptr;
    }

    void serve() {
      current = this;
      // acquire: pairs with the release in close; a worker that sees it closed also sees all accepted jobs.
      while (Job* const job = next([this] { return pool.closed_.load(std::memory_order_acquire); })) run(*job);
    }
    void run(Job& job) {
      // relaxed, and no read-modify-write: only this thread writes it.
      ran.store(ran.load(std::memory_order_relaxed) + 1, std::memory_order_relaxed);
      job.act(&job, pool.cancelled_.load(std::memory_order_relaxed) ? Job::Fate::cancel : Job::Fate::run, this);
    }

    Job* find() {
      if (Job* const job = deque.take()) return job;
      if (Job* const job = pool.outside_.take(deque, pool.workers_.size())) {
        // A thread that searched between the two steps has seen jobs neither in the queue nor in this deque. And `job`
        // may wait for a job that is in the deque now.
        if (!deque.empty()) pool.wake_for_work();
        return job;
      }
      return steal();
    }
    Job* steal() {
      const std::size_t workers = pool.workers_.size();
      for (std::size_t i = 0; i < workers; ++i) {
        Worker& victim = *pool.workers_[(next_victim + i) % workers];
        if (&victim == this) continue;
        if (Job* const job = victim.deque.steal()) {
          next_victim += i;
          stolen.store(stolen.load(std::memory_order_relaxed) + 1, std::memory_order_relaxed);  // relaxed: as ran
          return job;
        }
      }
      return nullptr;
    }

    /// Waits for a job. Returns nullptr when done() became true and no job was found afterwards.
    template <class Done>
    Job* next(Done&& done) {
      for (bool woken = false;; woken = true) {
        bool over = done();
        Job* job = find();
        if (job != nullptr && woken) pool.wake_for_more();
        if (job == nullptr && !over) job = search(done);
        if (job != nullptr || over) return job;
        const Parking::Epoch epoch = pool.parking_.announce();
        over = done();
        job = find();
        if (job != nullptr || over) {
          // Also if no waker has chosen this worker: the last searcher may have found nothing, and this worker only a
          // part of the work that came afterwards.
          const bool chosen = pool.parking_.withdraw(epoch);
          if (chosen || job != nullptr) pool.wake_for_more();
          return job;
        }
        pool.parking_.park(epoch);
      }
    }
    template <class Done>
    Job* search(Done&& done) {
      // relaxed, here and below: announce and wake_for_more have the fences. Only workers that search are ever counted:
      // one that counted itself and gave up at once would hide who is the last.
      std::uint32_t searchers = pool.searchers_.load(std::memory_order_relaxed);
      do {
        if (searchers >= pool.most_searchers_) return nullptr;
      } while (!pool.searchers_.compare_exchange_weak(searchers, searchers + 1, std::memory_order_relaxed));
      Job* job = nullptr;
      // No yield in between: on a busy machine it takes milliseconds, during which no other worker is woken.
      for (int i = 0; i < kSearches && job == nullptr && !done(); ++i) {
        racetrack::relax_cpu();
        job = find();
      }
      const bool last = pool.searchers_.fetch_sub(1, std::memory_order_relaxed) == 1;
      if (job != nullptr && last) pool.wake_for_more();
      return job;
    }

    inline static constinit thread_local Worker* current = nullptr;

    WorkStealingPool& pool;
    ChaseLevDeque deque;
    Blocks blocks;
    alignas(racetrack::kApart) std::size_t next_victim;
    std::atomic<std::uint64_t> ran{0}, stolen{0};
  };

  void wake_for_work() noexcept {
    // Makes the job visible to a searcher that gives up now; see Parking.
    std::atomic_thread_fence(std::memory_order_seq_cst);
    if (searchers_.load(std::memory_order_relaxed) == 0) parking_.wake_one();
  }
  /// Called by a worker that was woken for work, or searched, and has found some: another one must search for the rest.
  void wake_for_more() noexcept {
    std::atomic_thread_fence(std::memory_order_seq_cst);  // pairs with the one in wake_for_work
    bool more = !outside_.empty();
    for (const auto& worker : workers_) more = more || !worker->deque.empty();
    if (more) parking_.wake_one();
  }

  void shut_down() {
    outside_.close(closed_);
    parking_.wake_all();
    for (std::thread& thread : threads_) thread.join();
    threads_.clear();
  }

  std::uint32_t most_searchers_;
  std::vector<std::unique_ptr<Worker>> workers_;
  Outside outside_;
  Parking parking_;
  alignas(racetrack::kApart) std::atomic<std::uint32_t> searchers_{0};
  alignas(racetrack::kApart) std::atomic<bool> closed_{false};  ///< read for every job, seldom written
  std::atomic<bool> cancelled_{false};
  std::vector<std::thread> threads_;
};

/// Movable, not copyable. get() waits; on a worker of the pool it runs other tasks until the result is ready.
template <class Result>
class WorkStealingPool::Future {
 public:
  Future(FutureState<Result>* state, WorkStealingPool& pool) noexcept : state_(state), pool_(&pool) {}
  Future(Future&& other) noexcept : state_(std::exchange(other.state_, nullptr)), pool_(other.pool_) {}
  Future& operator=(Future&& other) noexcept {
    std::swap(state_, other.state_);
    pool_ = other.pool_;
    return *this;
  }
  ~Future() {
    if (state_ != nullptr) state_->release();
  }

  Result get() {
    if (!state_->ready()) {
      if (Worker* const worker = Worker::here(*pool_)) help(*worker);
      state_->wait();
    }
    return state_->take();
  }

 private:
  /// Runs jobs until the result is ready or no job is left. In the latter case another thread runs the awaited job.
  void help(Worker& worker) {
    while (!state_->ready()) {
      Job* const job = worker.find();
      if (job == nullptr) return;
      worker.run(*job);
    }
  }

  FutureState<Result>* state_;
  WorkStealingPool* pool_;
};

/// Tasks that one thread waits for together. A worker of the pool creates, uses and destroys the group, and must call
/// wait() before the destructor. wait() throws the first exception of a task.
class WorkStealingPool::Group {
 public:
  explicit Group(WorkStealingPool& pool) : worker_(Worker::here(pool)) {
    if (worker_ == nullptr) throw std::logic_error("a group must be created by a worker of its pool: use invoke");
    first_ = worker_->deque.bottom();
  }
  Group(const Group&) = delete;
  Group& operator=(const Group&) = delete;
  ~Group() = default;

  template <class Function>
  void run(Function function) {
    static_assert(sizeof(Member<Function>) <= Blocks::kBytes,
                  "the function is too large: capture less, or capture a pointer");
    worker_->deque.push(new (worker_->blocks.take()) Member<Function>(*this, std::move(function)));
    ++members_;
    worker_->pool.wake_for_work();
  }

  void wait() {
    for (;;) {
      // While members are in this worker's deque, the group is not finished, and other threads' writes need not be
      // read.
      Job* job = worker_->deque.bottom() > first_ ? worker_->deque.take() : nullptr;
      if (job == nullptr) {
        if (finished()) break;
        job = worker_->find();
      }
      if (job == nullptr) {
        // relaxed: this and the fetch_add in finish_one change the same object, so one of them sees the other.
        ended_elsewhere_.fetch_or(kAwaited, std::memory_order_relaxed);
        job = worker_->next([this] { return finished(); });
      }
      if (job != nullptr) worker_->run(*job);
    }
    if (error_) std::rethrow_exception(std::exchange(error_, nullptr));
  }

 private:
  static constexpr std::uint64_t kAwaited = 1, kOne = 2;

  template <class Function>
  struct Member final : Job {
    Member(Group& owner, Function body) : Job(&Member::do_act), group(owner), function(std::move(body)) {}
    /// Members belong to a running task, so they are not cancelled.
    static void do_act(Job* job, Fate, const void* worker) {
      auto* const self = static_cast<Member*>(job);
      Group& its_group = self->group;
      try {
        self->function();
      } catch (...) {
        its_group.keep(std::current_exception());
      }
      self->~Member();
      Blocks& blocks = its_group.worker_->blocks;
      worker == its_group.worker_ ? blocks.give(self) : blocks.give_back(self);
      its_group.finish_one(worker);
    }
    Group& group;
    Function function;
  };

  void keep(std::exception_ptr error) {
    // relaxed: only decides which thread writes; finish_one publishes the exception.
    if (!failed_.exchange(true, std::memory_order_relaxed)) error_ = std::move(error);
  }
  void finish_one(const void* worker) {
    if (worker == worker_) {
      ++ended_here_;
      return;
    }
    WorkStealingPool& pool = worker_->pool;
    // release: pairs with the acquire in finished and publishes the member's work. Afterwards the group may be
    // destroyed.
    if ((ended_elsewhere_.fetch_add(kOne, std::memory_order_release) & kAwaited) != 0) pool.parking_.wake_all();
  }
  [[nodiscard]] bool finished() const noexcept {
    return ended_here_ + ended_elsewhere_.load(std::memory_order_acquire) / kOne == members_;
  }

  Worker* worker_;
  std::int64_t first_ = 0;  ///< the index in the deque where its members begin
  std::uint64_t members_ = 0, ended_here_ = 0;
  std::exception_ptr error_;
  std::atomic<bool> failed_{false};
  alignas(racetrack::kApart) std::atomic<std::uint64_t> ended_elsewhere_{0};  ///< in units of kOne
};
