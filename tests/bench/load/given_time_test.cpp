#include "load/given_time.hpp"

#include <algorithm>
#include <chrono>
#include <cstdint>
#include <filesystem>
#include <fstream>
#include <string>
#include <thread>
#include <vector>

#include <gtest/gtest.h>
#include <unistd.h>

namespace racetrack::load {
namespace {

using std::chrono::milliseconds;
using Duration = GivenTime::Duration;

constexpr pid_t kProcess = 100;
constexpr Duration kTick = milliseconds(50);
constexpr Duration kPatience = milliseconds(1000);

/// A folder with the layout of /proc, whose content the test sets.
class Proc : public testing::Test {
 protected:
  void SetUp() override {
    folder_ = testing::TempDir() + "/proc-" + std::to_string(getpid());
    std::filesystem::remove_all(folder_);
  }
  void TearDown() override { std::filesystem::remove_all(folder_); }

  struct Task {
    pid_t process, id;
    char state;
    Duration ran{}, waited{};
    std::string children{};
  };

  void show(const Task& task) const {
    const std::string at = folder_ + "/" + std::to_string(task.process) + "/task/" + std::to_string(task.id);
    std::filesystem::create_directories(at);
    std::ofstream(at + "/stat") << task.id << " (a name) with ) in it) " << task.state << " 1 2 3\n";
    std::ofstream(at + "/schedstat") << task.ran.count() << ' ' << task.waited.count() << " 7\n";
    std::ofstream(at + "/children") << task.children;
  }
  void end(const Task& task) const {
    std::filesystem::remove_all(folder_ + "/" + std::to_string(task.process) + "/task/" + std::to_string(task.id));
  }

  /// The shares of `ticks` ticks that a task runs and waits.
  struct Share {
    double ran, waited;
  };
  void pass(GivenTime& given, std::vector<Task>& tasks, const std::vector<Share>& shares, int ticks) const {
    for (int tick = 0; tick < ticks; ++tick) {
      for (std::size_t i = 0; i < tasks.size(); ++i) {
        tasks[i].ran += std::chrono::duration_cast<Duration>(kTick * shares[i].ran);
        tasks[i].waited += std::chrono::duration_cast<Duration>(kTick * shares[i].waited);
        show(tasks[i]);
      }
      given.sample_after(kTick);
    }
  }
  [[nodiscard]] GivenTime watch(pid_t except = 0) const { return GivenTime(kProcess, except, kTick, folder_); }

  std::string folder_;
};

constexpr int kTicks = static_cast<int>(kPatience / kTick);

TEST_F(Proc, SleepersHaveAllTheTime) {
  std::vector<Task> tasks{{kProcess, 100, 'S'}, {kProcess, 101, 'S'}};
  for (const Task& task : tasks) show(task);
  GivenTime given = watch();
  pass(given, tasks, {{0, 0}, {0, 0}}, kTicks);
  EXPECT_EQ(given.given(), kPatience);
  EXPECT_TRUE(given.exhausts(kPatience)) << "all threads asleep for so long: a hang";
  EXPECT_TRUE(given.is_certain());
}

TEST_F(Proc, AThreadThatRunsHasAllTheTime) {
  std::vector<Task> tasks{{kProcess, 100, 'S'}, {kProcess, 101, 'R'}};
  for (const Task& task : tasks) show(task);
  GivenTime given = watch();
  pass(given, tasks, {{0, 0}, {1, 0}}, kTicks);
  EXPECT_TRUE(given.exhausts(kPatience)) << "a processor used up without progress: a livelock";
}

TEST_F(Proc, ARunnableThreadWithoutAProcessorIsGivenNothing) {
  std::vector<Task> tasks{{kProcess, 100, 'S'}, {kProcess, 101, 'R'}};
  for (const Task& task : tasks) show(task);
  GivenTime given = watch();
  pass(given, tasks, {{0, 0}, {0, 0}}, 100 * kTicks);  // the kernel adds a waiting time only when the thread runs again
  EXPECT_EQ(given.given(), Duration{});
  EXPECT_FALSE(given.exhausts(kPatience));
}

TEST_F(Proc, ASleeperThatWaitedForAProcessorBetweenIsGivenTheRest) {
  std::vector<Task> tasks{{kProcess, 100, 'S'}};
  show(tasks[0]);
  GivenTime given = watch();
  pass(given, tasks, {{0.01, 0.98}}, 10 * kTicks);
  EXPECT_LT(given.given(), kPatience);
  EXPECT_FALSE(given.exhausts(kPatience));
}

TEST_F(Proc, SleepersThatWakeEachOtherInTurnAreGivenNothingWhileOneWaits) {
  std::vector<Task> tasks{{kProcess, 100, 'S', {}, {}, "200"}, {200, 200, 'S'}};
  for (const Task& task : tasks) show(task);
  GivenTime given = watch();
  pass(given, tasks, {{0.001, 0.5}, {0.001, 0.5}}, 10 * kTicks);  // two processes that send messages to and fro
  EXPECT_LT(given.given(), kPatience / 10);
  EXPECT_FALSE(given.exhausts(kPatience));
}

TEST_F(Proc, StoppedTracedAndDiskBoundThreadsAreGivenNothing) {
  for (const char state : {'T', 't', 'D'}) {
    std::vector<Task> tasks{{kProcess, 100, 'S'}, {kProcess, 101, state}};
    for (const Task& task : tasks) show(task);
    GivenTime given = watch();
    pass(given, tasks, {{0, 0}, {0, 0}}, 10 * kTicks);
    EXPECT_EQ(given.given(), Duration{}) << state;
  }
}

TEST_F(Proc, ThreadsThatOnlyCompeteWithEachOtherGetTheirShares) {
  std::vector<Task> tasks;
  std::vector<Share> shares;
  const unsigned processors = std::max(1U, std::thread::hardware_concurrency());
  for (unsigned i = 0; i < 4 * processors; ++i) {
    tasks.push_back({kProcess, static_cast<pid_t>(100 + i), 'R'});
    shares.push_back({0.25, 0});
    show(tasks.back());
  }
  GivenTime given = watch();
  pass(given, tasks, shares, kTicks + 1);
  EXPECT_TRUE(given.exhausts(kPatience)) << "four spinning threads for each processor: a livelock";
}

TEST_F(Proc, OneStarvedThreadExcusesOthersThatSpinAtTheSameTime) {
  std::vector<Task> tasks{{kProcess, 100, 'R'}, {kProcess, 101, 'R'}};
  for (const Task& task : tasks) show(task);
  GivenTime given = watch();
  pass(given, tasks, {{1, 0}, {0.001, 0}}, 10 * kTicks);
  EXPECT_FALSE(given.exhausts(kPatience));
  pass(given, tasks, {{1, 0}, {0.5, 0}}, kTicks);
  EXPECT_TRUE(given.exhausts(kPatience)) << "now it has run, without progress";
}

TEST_F(Proc, TheEndOfAStarvedThreadStartsTheTimeAgain) {
  std::vector<Task> tasks{{kProcess, 100, 'R'}, {kProcess, 101, 'R'}};
  for (const Task& task : tasks) show(task);
  GivenTime given = watch();
  pass(given, tasks, {{1, 0}, {0.001, 0}}, 10 * kTicks);
  EXPECT_FALSE(given.exhausts(kPatience));
  end(tasks[1]);  // now it has run, and ended
  tasks.pop_back();
  pass(given, tasks, {{1, 0}}, 1);
  EXPECT_FALSE(given.exhausts(kPatience)) << "the other one may have waited for it";
  pass(given, tasks, {{1, 0}}, kTicks);
  EXPECT_TRUE(given.exhausts(kPatience)) << "it still makes no progress";
}

TEST_F(Proc, ALateCallerAddsTwoTicksAtMost) {
  std::vector<Task> tasks{{kProcess, 100, 'S'}};
  show(tasks[0]);
  GivenTime given = watch();
  given.sample_after(std::chrono::seconds(7));  // SIGSTOP, a machine that was suspended, a caller at nice 19
  EXPECT_EQ(given.given(), 2 * kTick);
}

TEST_F(Proc, ChildrenOfTheProcessCountAsWell) {
  std::vector<Task> tasks{{kProcess, 100, 'S', {}, {}, "200 "}, {200, 200, 'R'}};
  for (const Task& task : tasks) show(task);
  GivenTime given = watch();
  pass(given, tasks, {{0, 0}, {0, 0}}, 10 * kTicks);
  EXPECT_EQ(given.given(), Duration{}) << "another process, for which it waits, gets no processor";
}

TEST_F(Proc, TheWatchdogsOwnThreadDoesNotCount) {
  std::vector<Task> tasks{{kProcess, 100, 'R'}, {kProcess, 101, 'S'}};
  for (const Task& task : tasks) show(task);
  GivenTime given = watch(100);
  pass(given, tasks, {{0, 0}, {0, 0}}, kTicks);
  EXPECT_TRUE(given.exhausts(kPatience));
}

TEST_F(Proc, ShortLivedThreadsExcuseNoOtherThread) {
  std::vector<Task> tasks{{kProcess, 100, 'S'}};
  show(tasks[0]);
  GivenTime given = watch();
  pass(given, tasks, {{0, 0}}, kTicks - 1);
  std::vector<Task> both{tasks[0], {kProcess, 101, 'R'}};
  pass(given, both, {{0, 0}, {0, 0}}, 1);
  EXPECT_TRUE(given.exhausts(kPatience));
  end(both[1]);
}

TEST_F(Proc, ProgressStartsOver) {
  std::vector<Task> tasks{{kProcess, 100, 'S'}};
  show(tasks[0]);
  GivenTime given = watch();
  pass(given, tasks, {{0, 0}}, kTicks - 1);
  given.reset();
  pass(given, tasks, {{0, 0}}, kTicks - 1);
  EXPECT_FALSE(given.exhausts(kPatience));
  pass(given, tasks, {{0, 0}}, 1);
  EXPECT_TRUE(given.exhausts(kPatience));
}

TEST_F(Proc, WithoutProcNothingIsCertain) {
  GivenTime given = watch();
  for (int tick = 0; tick < kTicks; ++tick) given.sample_after(kTick);
  EXPECT_FALSE(given.is_certain());
}

}  // namespace
}  // namespace racetrack::load
