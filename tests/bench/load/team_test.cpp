#include "load/team.hpp"

#include <atomic>
#include <chrono>
#include <stdexcept>
#include <system_error>

#include <gtest/gtest.h>
#include <sched.h>

#include "load/topology.hpp"

namespace racetrack::load {
namespace {

using std::chrono::milliseconds;
constexpr auto kLong = std::chrono::minutes(2);

TEST(Team, CountsTheWaitOfThreadsThatShareAProcessor) {
  const int cpu = Topology::detect().compact.front();
  Team team({cpu, cpu}, true);
  team.start([](std::size_t) {
    const auto end = std::chrono::steady_clock::now() + milliseconds(50);
    while (std::chrono::steady_clock::now() < end) {
    }
  });
  ASSERT_TRUE(team.wait(kLong));
  for (const Team::Stamps& stamp : team.stamps()) {
    if (!stamp.usage.waited_ns) GTEST_SKIP() << "this kernel does not count it";
  }
  EXPECT_GT(*team.stamps()[0].usage.waited_ns + *team.stamps()[1].usage.waited_ns, 1e6);
}

TEST(Team, RunsEveryThreadOncePerRoundForThousandsOfRounds) {
  constexpr std::size_t kThreads = 3;
  constexpr std::uint64_t kRounds = 3000;
  Team team(std::vector<int>(kThreads, -1), true);
  std::vector<std::uint64_t> runs(kThreads, 0);  // each written by its own thread, read after wait
  for (std::uint64_t round = 1; round <= kRounds; ++round) {
    team.start([&](std::size_t thread) { ++runs[thread]; });
    ASSERT_TRUE(team.wait(kLong));
    ASSERT_EQ(runs, std::vector<std::uint64_t>(kThreads, round));
  }
}

TEST(Team, StampsTheWorkOfEachThread) {
  Team team({-1, -1}, true);
  team.start([](std::size_t thread) {
    if (thread == 1) std::this_thread::sleep_for(milliseconds(5));
  });
  ASSERT_TRUE(team.wait(kLong));
  for (const Team::Stamps& stamp : team.stamps()) {
    EXPECT_GT(stamp.started, 0U);
    EXPECT_GE(stamp.finished, stamp.started);
    EXPECT_GE(stamp.usage.cpu_ns, 0.0);
  }
  EXPECT_GE(team.stamps()[1].usage.voluntary_switches, 1U);
}

TEST(Team, PinsItsThreadsToTheGivenProcessors) {
  const std::vector<int> cpus = Topology::detect().place(3, Pinning::compact);
  Team team(cpus, true);
  std::vector<int> found(cpus.size(), -1);
  team.start([&](std::size_t thread) { found[thread] = sched_getcpu(); });
  ASSERT_TRUE(team.wait(kLong));
  EXPECT_EQ(found, cpus);
}

TEST(Team, ConstructorThrowsWhenItCannotPin) {
  EXPECT_THROW(Team({Topology::detect().compact.front(), CPU_SETSIZE - 1}, true), Refused);
}

TEST(Team, RethrowsAnExceptionOfABodyAndRemainsUsable) {
  Team team({-1, -1}, true);
  team.start([](std::size_t thread) {
    if (thread == 1) throw std::runtime_error("thread 1 gave up");
  });
  EXPECT_THROW(static_cast<void>(team.wait(kLong)), std::runtime_error);
  team.start([](std::size_t) {});
  EXPECT_TRUE(team.wait(kLong));
}

TEST(Team, ReportsThatARoundIsNotOverAndCanWaitAgain) {
  Team team({-1, -1}, true);
  std::atomic<bool> go{false};
  team.start([&](std::size_t) {
    while (!go) std::this_thread::yield();
  });
  EXPECT_FALSE(team.wait(milliseconds(1)));
  EXPECT_FALSE(team.wait(milliseconds(1)));
  go = true;
  EXPECT_TRUE(team.wait(kLong));
}

}  // namespace
}  // namespace racetrack::load
