#include "work_stealing_pool.hpp"

#include <atomic>
#include <chrono>
#include <condition_variable>
#include <ctime>
#include <mutex>
#include <stdexcept>
#include <string>
#include <thread>
#include <vector>

#include <gtest/gtest.h>
#include <sys/resource.h>

namespace {

using namespace std::chrono_literals;

TEST(WorkStealingPool, AFutureReturnsTheTasksResultOrThrowsItsException) {
  WorkStealingPool pool(2);
  auto text = pool.submit([] { return std::string("result"); });
  auto error = pool.submit([]() -> int { throw std::out_of_range("task"); });
  EXPECT_EQ(text.get(), "result");
  EXPECT_THROW(error.get(), std::out_of_range);
}

TEST(WorkStealingPool, OneThreadRunsTasksThatWaitForTasksThatWait) {
  WorkStealingPool pool(1);
  auto outer = pool.submit([&pool] {
    auto middle = pool.submit([&pool] { return pool.submit([] { return 1; }).get() + 1; });
    return middle.get() + 1;
  });
  EXPECT_EQ(outer.get(), 3);
}

TEST(WorkStealingPool, AGroupRunsAllItsTasksAndThrowsTheExceptionOfOne) {
  WorkStealingPool pool(2);
  std::atomic<int> ran{0};
  const auto throwing = [&] {
    WorkStealingPool::Group group(pool);
    for (int i = 0; i < 1000; ++i) {
      group.run([&ran, i] {
        ++ran;
        if (i == 500) throw std::runtime_error("member");
      });
    }
    group.wait();
  };
  EXPECT_THROW(pool.invoke(throwing), std::runtime_error);
  EXPECT_EQ(ran, 1000);
  EXPECT_THROW(WorkStealingPool::Group{pool}, std::logic_error) << "this thread is not a worker of the pool";
}

/// A worker is never left asleep while a task waits in the queue from outside or in another worker's deque.
TEST(WorkStealingPool, TasksThatWaitForEachOtherAllGetAWorker) {
  constexpr int kTasks = 4;
  for (int round = 0; round < 20000; ++round) {
    WorkStealingPool pool(kTasks);
    std::atomic<int> begun{0};
    std::atomic<bool> open{false};
    std::vector<WorkStealingPool::Future<int>> futures;
    for (int i = 0; i < kTasks; ++i) {
      futures.push_back(pool.submit([&] {
        const int before = begun++;
        open.wait(false);
        return before;
      }));
    }
    const auto end = std::chrono::steady_clock::now() + 60s;
    while (begun < kTasks && std::chrono::steady_clock::now() < end) std::this_thread::yield();
    const int running = begun;
    open = true;
    open.notify_all();
    int sum = 0;
    for (auto& future : futures) sum += future.get();
    ASSERT_EQ(running, kTasks) << "in round " << round;
    EXPECT_EQ(sum, 0 + 1 + 2 + 3);
  }
}

TEST(WorkStealingPool, DrainRunsAcceptedTasksAndRefusesNewOnes) {
  std::atomic<int> ran{0};
  WorkStealingPool pool(2);
  for (int i = 0; i < 1000; ++i) pool.submit([&ran] { return ++ran; });
  pool.drain();
  EXPECT_EQ(ran, 1000);
  EXPECT_THROW(pool.submit([] { return 0; }), std::runtime_error);
}

TEST(WorkStealingPool, CancelBreaksThePromisesOfTasksThatNeverRun) {
  WorkStealingPool pool(1);
  std::mutex gate;
  std::unique_lock closed(gate);
  std::atomic<bool> running{false};
  auto first = pool.submit([&] {
    running = true;
    const std::lock_guard open(gate);
    return 1;
  });
  while (!running) std::this_thread::yield();
  std::vector<WorkStealingPool::Future<int>> queued;
  for (int i = 0; i < 100; ++i) queued.push_back(pool.submit([] { return 2; }));
  std::thread canceller([&] { pool.cancel(); });
  while (true) {  // until cancel has begun
    try {
      queued.push_back(pool.submit([] { return 2; }));
    } catch (const std::runtime_error&) {
      break;
    }
    std::this_thread::yield();
  }
  closed.unlock();
  canceller.join();
  EXPECT_EQ(first.get(), 1) << "a running task is not cancelled";
  for (auto& future : queued) EXPECT_THROW(future.get(), std::future_error);
}

TEST(WorkStealingPool, TasksThatHoldAllWorkersButOneDoNotStarveTheRest) {
  WorkStealingPool pool(3);
  std::mutex gate;
  std::unique_lock closed(gate);
  std::vector<WorkStealingPool::Future<int>> blocked;
  for (int i = 0; i < 2; ++i) {
    blocked.push_back(pool.submit([&] {
      const std::lock_guard open(gate);
      return 0;
    }));
  }
  for (int i = 0; i < 1000; ++i) ASSERT_EQ(pool.submit([i] { return i; }).get(), i);
  closed.unlock();
  for (auto& future : blocked) future.get();
}

std::uint64_t voluntary_switches() {
  rusage usage{};
  getrusage(RUSAGE_SELF, &usage);
  return static_cast<std::uint64_t>(usage.ru_nvcsw);
}

/// Counts context switches instead of measuring time: a worker that polled, or slept with a timeout, would cause some.
TEST(WorkStealingPool, IdleWorkersSleepAndDoNotWakeUp) {
  WorkStealingPool pool(4);
  for (int i = 0; i < 1000; ++i) pool.submit([] { return 0; }).get();
  const auto count_switches = [] {
    const std::uint64_t before = voluntary_switches();
    std::this_thread::sleep_for(50ms);
    return voluntary_switches() - before - 1;  // this thread's own sleep
  };
  std::uint64_t switches = count_switches();
  for (int attempt = 0; attempt < 100 && switches != 0; ++attempt)
    switches = count_switches();  // until all have parked
  EXPECT_EQ(switches, 0U);
  timespec begun{}, ended{};
  clock_gettime(CLOCK_PROCESS_CPUTIME_ID, &begun);
  EXPECT_EQ(count_switches(), 0U);
  clock_gettime(CLOCK_PROCESS_CPUTIME_ID, &ended);
  EXPECT_LT((ended.tv_sec - begun.tv_sec) * 1'000'000'000 + ended.tv_nsec - begun.tv_nsec, 50'000'000 / 100)
      << "this process did more than sleep and wake once";
  EXPECT_EQ(pool.submit([] { return 7; }).get(), 7);
}

TEST(WorkStealingPool, CountsTheTasksItRuns) {
  WorkStealingPool pool(2);
  for (int i = 0; i < 100; ++i) pool.submit([] { return 0; }).get();
  pool.drain();
  EXPECT_EQ(pool.statistics().ran, 100U);
  EXPECT_LE(pool.statistics().stolen, 100U);
}

}  // namespace
