#include <atomic>
#include <cerrno>
#include <csignal>

#include <gtest/gtest.h>
#include <sys/prctl.h>
#include <sys/wait.h>
#include <unistd.h>

#include <racetrack/ipc/peer.hpp>
#include <racetrack/ipc/shared_log.hpp>
#include <racetrack/shared_memory.hpp>
#include <racetrack/spawn/process_start.hpp>

namespace racetrack::ipc {
namespace {

using spawn::Ending;

TEST(Peer, WaitsAtItsGateUntilItIsStarted) {
  const Shared<std::atomic<int>> seen;
  Peer peer([&](auto&& gate) {
    *seen = 1;
    gate();
    *seen = 2;
  });
  while (*seen == 0) sched_yield();
  EXPECT_EQ(*seen, 1);
  const StopFlag stop;
  peer.start();
  EXPECT_TRUE(peer.await_done(stop));
  EXPECT_EQ(*seen, 2);
  EXPECT_EQ(peer.wait(), Ending{});
}

TEST(Peer, IsReportedWhenItDiesBeforeItIsDone) {
  Peer peer([](auto&& gate) {
    gate();
    spawn::end_process({Ending::How::signal, SIGTERM});
  });
  const StopFlag stop;
  peer.start();
  EXPECT_FALSE(peer.await_done(stop));
  EXPECT_EQ(peer.wait(), (Ending{Ending::How::signal, SIGTERM}));
}

TEST(Peer, IsAwaitedNoLongerThanTheRoundLasts) {
  Peer peer([](auto&&) {
    for (;;) pause();
  });
  StopFlag stop;
  stop.raise();
  EXPECT_FALSE(peer.await_done(stop));
}

TEST(Peer, EndsWithItsObject) {
  {
    const Peer peer([](auto&&) {
      for (;;) pause();
    });
  }
  siginfo_t info{};
  EXPECT_EQ(waitid(P_ALL, 0, &info, WEXITED | WNOHANG | WNOWAIT), -1);
  EXPECT_EQ(errno, ECHILD);
}

TEST(Peer, DiesWithItsParent) {
  prctl(PR_SET_CHILD_SUBREAPER, 1);  // orphaned descendants become children of this process
  const Shared<std::atomic<pid_t>> orphan;
  const pid_t parent = fork();
  if (parent == 0) {
    const Peer peer([&](auto&&) {
      *orphan = getpid();
      for (;;) pause();
    });
    while (*orphan == 0) sched_yield();
    spawn::end_process({});
  }
  EXPECT_EQ(spawn::wait_for(parent), Ending{});
  EXPECT_EQ(spawn::wait_for(*orphan), (Ending{Ending::How::signal, SIGKILL}));
  prctl(PR_SET_CHILD_SUBREAPER, 0);
}

TEST(SharedLog, KeepsTheOperationsOfAKilledPeer) {
  RoundPlan plan;
  plan.probe = ProbeKind::history;
  plan.work = 10;
  SharedLog log(plan);
  Peer peer([&](auto&& gate) {
    gate();
    PeerHistoryProbe probe(log, plan, 1);
    for (std::uint64_t value = 1; value <= 3; ++value) {
      probe.begin();
      probe.end(Action::pop, value, Outcome::ok);
    }
    spawn::end_process({Ending::How::signal, SIGKILL});
  });
  const StopFlag stop;
  peer.start();
  EXPECT_FALSE(peer.await_done(stop));
  ThreadLog home;
  log.copy_to(home);
  ASSERT_EQ(home.operations.size(), 3U);
  EXPECT_EQ(home.operations.back().value, 3U);
  EXPECT_LE(home.operations.back().invoked, home.operations.back().returned);
}

TEST(SharedLog, DropsOnlyOperationsBeyondItsCapacity) {
  RoundPlan plan;
  plan.probe = ProbeKind::history;
  plan.work = 1;
  SharedLog log(plan);
  for (std::uint64_t value = 1; value < 5000; ++value) log.add({.value = value});
  ThreadLog home;
  log.copy_to(home);
  EXPECT_EQ(home.operations.size(), 1028U);
}

}  // namespace
}  // namespace racetrack::ipc
