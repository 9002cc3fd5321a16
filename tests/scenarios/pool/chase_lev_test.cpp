#include "chase_lev.hpp"

#include <atomic>
#include <cstddef>
#include <thread>
#include <vector>

#include <gtest/gtest.h>

#include "job.hpp"

namespace {

/// Counts how often each job is received. Thread-safe.
class Jobs {
 public:
  explicit Jobs(std::size_t count) : jobs_(count, Job(nullptr)), times_(count) {}
  Job* at(std::size_t i) { return &jobs_[i]; }
  /// Counts the job. Returns false for nullptr.
  bool got(const Job* job) {
    if (job == nullptr) return false;
    times_[static_cast<std::size_t>(job - jobs_.data())].fetch_add(1, std::memory_order_relaxed);
    return true;
  }
  [[nodiscard]] std::size_t lost() const { return count(0); }
  [[nodiscard]] std::size_t right() const { return count(1); }

 private:
  [[nodiscard]] std::size_t count(int times) const {
    std::size_t n = 0;
    for (const auto& each : times_) n += each.load() == times ? 1 : 0;
    return n;
  }
  std::vector<Job> jobs_;
  std::vector<std::atomic<int>> times_;
};

TEST(ChaseLevDeque, OwnerTakesTheLastAndThievesTheFirst) {
  Jobs jobs(4);
  ChaseLevDeque deque;
  EXPECT_TRUE(deque.empty());
  EXPECT_EQ(deque.take(), nullptr);
  EXPECT_EQ(deque.steal(), nullptr);
  for (std::size_t i = 0; i < 4; ++i) deque.push(jobs.at(i));
  EXPECT_FALSE(deque.empty());
  EXPECT_EQ(deque.take(), jobs.at(3));
  EXPECT_EQ(deque.steal(), jobs.at(0));
  EXPECT_EQ(deque.steal(), jobs.at(1));
  EXPECT_EQ(deque.take(), jobs.at(2));
  EXPECT_EQ(deque.take(), nullptr);
  EXPECT_TRUE(deque.empty());
}

TEST(ChaseLevDeque, KeepsItsJobsWhenItGrowsWhileWrappedAround) {
  Jobs jobs(100);
  ChaseLevDeque deque(4);
  for (std::size_t i = 0; i < 3; ++i) deque.push(jobs.at(i));
  EXPECT_EQ(deque.steal(), jobs.at(0));
  EXPECT_EQ(deque.steal(), jobs.at(1));
  for (std::size_t i = 3; i < 100; ++i) deque.push(jobs.at(i));
  for (std::size_t i = 2; i < 50; ++i) EXPECT_EQ(deque.steal(), jobs.at(i));
  for (std::size_t i = 100; i-- > 50;) EXPECT_EQ(deque.take(), jobs.at(i));
  EXPECT_EQ(deque.take(), nullptr);
}

/// The owner repeatedly pushes a few jobs and takes some, so that it often competes with thieves for the last job. The
/// deque starts small and grows.
void race(std::size_t thieves, std::size_t pushes_at_once, std::size_t takes_at_once) {
  constexpr std::size_t kJobs = 200'000;
  Jobs jobs(kJobs);
  ChaseLevDeque deque(2);
  std::atomic<bool> over{false};
  std::vector<std::thread> threads;
  for (std::size_t i = 0; i < thieves; ++i) {
    threads.emplace_back([&] {
      // All jobs that the owner has left are visible once `over` is true.
      for (bool last = false; !last;) {
        last = over.load(std::memory_order_acquire);
        while (jobs.got(deque.steal())) continue;
      }
    });
  }
  for (std::size_t pushed = 0; pushed < kJobs;) {
    for (std::size_t i = 0; i < pushes_at_once && pushed < kJobs; ++i) deque.push(jobs.at(pushed++));
    for (std::size_t i = 0; i < takes_at_once; ++i) jobs.got(deque.take());
  }
  over.store(true, std::memory_order_release);
  for (std::thread& thread : threads) thread.join();
  EXPECT_EQ(jobs.lost(), 0U);
  EXPECT_EQ(jobs.right(), kJobs) << "a job was received twice";
}

TEST(ChaseLevDeque, GivesEachJobEitherToTheOwnerOrToTheThief) {
  for (const std::size_t at_once : {1U, 2U, 3U, 1000U}) race(1, at_once, at_once);
}
TEST(ChaseLevDeque, GivesEachJobToOnlyOneOfSeveralThieves) {
  race(3, 1, 1);
  race(3, 64, 0);
  race(2, 100, 50);
}

}  // namespace
