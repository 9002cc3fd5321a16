#include "deadlock/order_graph.hpp"

#include <initializer_list>
#include <vector>

#include <gtest/gtest.h>

namespace racetrack::deadlock {
namespace {

constexpr std::uintptr_t kA = 0x1000, kB = 0x2000, kC = 0x3000, kGate = 0x4000;

struct Lock {
  std::uintptr_t address;
  Kind kind = Kind::mutex;
};

Lock reading(std::uintptr_t address) { return {address, Kind::rwlock_read}; }
Lock writing(std::uintptr_t address) { return {address, Kind::rwlock_write}; }

struct LockOrder : ::testing::Test {
  /// Takes the locks in the given order in one thread. Returns the number of new cycles that this closes.
  std::size_t take(std::uint32_t thread, std::initializer_list<Lock> locks) {
    std::vector<Taken> held;
    std::size_t found = 0;
    for (const Lock& lock : locks) {
      std::uint64_t stamp = graph.identity(lock.address);
      if (stamp == 0) stamp = graph.identify(lock.address);
      const Taken wanted{stamp, lock.address, 0, nullptr, lock.kind};
      graph.add({thread, thread, "test"}, held.data(), held.size(), wanted, cycles);
      found += cycles.ends.size();
      held.push_back(wanted);
    }
    return found;
  }

  OrderGraph graph;
  OrderCycles cycles;
};

TEST_F(LockOrder, OppositeOrderOfTwoThreadsIsACycle) {
  EXPECT_EQ(take(1, {{kA}, {kB}}), 0U);
  ASSERT_EQ(take(2, {{kB}, {kA}}), 1U);
  ASSERT_EQ(cycles.edges.size(), 2U);
  EXPECT_EQ(cycles.edges[0].thread.serial, 2U);
  EXPECT_EQ(cycles.edges[0].first.address, kB);
  EXPECT_EQ(cycles.edges[0].second.address, kA);
  EXPECT_EQ(cycles.edges[1].thread.serial, 1U);
}

TEST_F(LockOrder, CycleIsReportedOnce) {
  take(1, {{kA}, {kB}});
  EXPECT_EQ(take(2, {{kB}, {kA}}), 1U);
  EXPECT_EQ(take(2, {{kB}, {kA}}), 0U);
  EXPECT_EQ(take(3, {{kB}, {kA}}), 0U);
}

TEST_F(LockOrder, OneThreadCannotBlockItself) {
  take(1, {{kA}, {kB}});
  EXPECT_EQ(take(1, {{kB}, {kA}}), 0U);
  EXPECT_EQ(take(2, {{kA}, {kB}}), 1U);
}

TEST_F(LockOrder, ThreeThreadsInARing) {
  take(1, {{kA}, {kB}});
  take(2, {{kB}, {kC}});
  EXPECT_EQ(take(3, {{kC}, {kA}}), 1U);
  EXPECT_EQ(cycles.edges.size(), 3U);
}

TEST_F(LockOrder, TwoThreadsMakeNoRingOfThree) {
  take(1, {{kA}, {kB}});
  take(2, {{kB}, {kC}});
  EXPECT_EQ(take(1, {{kC}, {kA}}), 0U);
}

TEST_F(LockOrder, GateLockKeepsThreadsApart) {
  take(1, {{kGate}, {kA}, {kB}});
  EXPECT_EQ(take(2, {{kGate}, {kB}, {kA}}), 0U);
}

TEST_F(LockOrder, GateOfOnlyOneThreadDoesNotProtect) {
  take(1, {{kGate}, {kA}, {kB}});
  EXPECT_EQ(take(2, {{kB}, {kA}}), 1U);
}

TEST_F(LockOrder, GateThatAllThreadsOnlyReadDoesNotProtect) {
  take(1, {reading(kGate), {kA}, {kB}});
  EXPECT_EQ(take(2, {reading(kGate), {kB}, {kA}}), 1U);
}

TEST_F(LockOrder, GateThatOneThreadWritesProtects) {
  take(1, {reading(kGate), {kA}, {kB}});
  EXPECT_EQ(take(2, {writing(kGate), {kB}, {kA}}), 0U);
}

TEST_F(LockOrder, SecondPathWithoutTheGateIsFound) {
  take(1, {{kGate}, {kA}, {kB}});
  EXPECT_EQ(take(2, {{kGate}, {kB}, {kA}}), 0U);
  EXPECT_EQ(take(1, {{kA}, {kB}}), 1U);
}

TEST_F(LockOrder, ReadersDoNotBlockEachOther) {
  take(1, {reading(kA), reading(kB)});
  EXPECT_EQ(take(2, {reading(kB), reading(kA)}), 0U);
  EXPECT_EQ(take(2, {reading(kB), writing(kA)}), 0U);
  EXPECT_EQ(take(3, {writing(kB), writing(kA)}), 1U);
}

TEST_F(LockOrder, RemovedLockLosesItsEdges) {
  take(1, {{kA}, {kB}});
  EXPECT_EQ(graph.edge_count(), 1U);
  graph.forget(kA);
  EXPECT_EQ(graph.edge_count(), 0U);
  EXPECT_EQ(graph.lock_count(), 1U);
  EXPECT_EQ(take(2, {{kB}, {kA}}), 0U);
}

TEST_F(LockOrder, LockInReusedMemoryHasANewIdentity) {
  const std::uint64_t before = graph.identify(kA);
  EXPECT_TRUE(graph.is_current(before, kA));
  const std::uint64_t after = graph.identify(kA);
  EXPECT_NE(before, after);
  EXPECT_FALSE(graph.is_current(before, kA));
  EXPECT_FALSE(graph.is_current(after, kB));
}

TEST_F(LockOrder, EveryCycleThatOneAcquisitionClosesIsReported) {
  take(1, {{kC}, {kA}});
  take(1, {{kC}, {kB}});
  EXPECT_EQ(take(2, {{kA}, {kB}, {kC}}), 2U);
}

TEST_F(LockOrder, HundredLocksAtOnce) {
  std::vector<Taken> held;
  for (std::uintptr_t i = 1; i <= 100; ++i) {
    const Taken wanted{graph.identify(i * 64), i * 64, 0, nullptr, Kind::mutex};
    graph.add({1, 1, ""}, held.data(), held.size(), wanted, cycles);
    EXPECT_EQ(cycles.ends.size(), 0U);
    held.push_back(wanted);
  }
  EXPECT_EQ(graph.edge_count(), 100U * 99 / 2);
  graph.add({2, 2, ""}, &held[99], 1, held[0], cycles);
  EXPECT_GE(cycles.ends.size(), 1U);
}

TEST_F(LockOrder, LocksCanBeAddedAndRemovedWithoutLimit) {
  for (int i = 0; i < 20000; ++i) {
    graph.identify(kA);
    graph.identify(kB);
    EXPECT_EQ(take(1, {{kA}, {kB}}), 0U);
    graph.forget(kA);
    graph.forget(kB);
  }
  EXPECT_EQ(graph.lock_count(), 0U);
  EXPECT_EQ(graph.edge_count(), 0U);
}

}  // namespace
}  // namespace racetrack::deadlock
