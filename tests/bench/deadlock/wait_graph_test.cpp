#include "deadlock/wait_graph.hpp"

#include <memory>
#include <set>

#include <gtest/gtest.h>

namespace racetrack::deadlock {
namespace {

constexpr std::uintptr_t kA = 0x1000, kB = 0x2000, kC = 0x3000;

class Facts final : public LockFacts {
 public:
  [[nodiscard]] bool still_held(const ThreadRecord&, std::uintptr_t address, Kind) const noexcept override {
    return released.find(address) == released.end();
  }
  [[nodiscard]] Answer locks_again(const ThreadRecord&) const noexcept override { return again; }

  std::set<std::uintptr_t> released;
  Answer again = Answer::no;
};

struct WaitGraph : ::testing::Test {
  ThreadRecord& add() { return *table->add(); }
  static void hold(ThreadRecord& thread, std::uintptr_t address, Kind kind = Kind::mutex) {
    thread.push(address, kind, 1, nullptr);
  }
  static void wait(ThreadRecord& thread, std::uintptr_t address, Kind kind = Kind::mutex, bool behind_writers = false) {
    thread.want.kind = kind;
    thread.want.address = address;
    thread.want.behind_writers = behind_writers;
    thread.publish();
  }
  bool deadlocked(ThreadRecord& thread) { return find_cycle(*table, thread, facts, cycle); }

  std::unique_ptr<ThreadTable> table = std::make_unique<ThreadTable>();
  Facts facts;
  Cycle cycle;
};

TEST_F(WaitGraph, OnlyTheThreadThatClosesTheCycleFindsIt) {
  ThreadRecord &one = add(), &two = add(), &three = add();
  hold(one, kA);
  hold(two, kB);
  hold(three, kC);
  wait(one, kB);
  EXPECT_FALSE(deadlocked(one));
  wait(two, kC);
  EXPECT_FALSE(deadlocked(two));
  wait(three, kA);
  ASSERT_TRUE(deadlocked(three));
  ASSERT_EQ(cycle.threads.size(), 3U);
  EXPECT_EQ(cycle.threads[0], &three);
  EXPECT_EQ(cycle.threads[1], &one);
  EXPECT_EQ(cycle.threads[2], &two);
  EXPECT_TRUE(cycle.certain);
}

TEST_F(WaitGraph, ThreadThatWaitsForACycleIsNotInIt) {
  ThreadRecord &one = add(), &two = add(), &outside = add();
  hold(one, kA);
  hold(two, kB);
  wait(one, kB);
  wait(two, kA);
  wait(outside, kA);
  EXPECT_FALSE(deadlocked(outside));
  EXPECT_TRUE(deadlocked(two));
  EXPECT_EQ(cycle.threads.size(), 2U);
}

TEST_F(WaitGraph, FinishedWaitIsNotFollowed) {
  ThreadRecord &one = add(), &two = add();
  hold(one, kA);
  hold(two, kB);
  wait(one, kB);
  one.withdraw();
  wait(two, kA);
  EXPECT_FALSE(deadlocked(two));
}

TEST_F(WaitGraph, WaitForAnOwnLockIsACycleOfOne) {
  ThreadRecord& one = add();
  hold(one, kA);
  wait(one, kA);
  ASSERT_TRUE(deadlocked(one));
  EXPECT_EQ(cycle.threads.size(), 1U);
}

TEST_F(WaitGraph, ReadersDoNotWaitForReaders) {
  ThreadRecord &one = add(), &two = add();
  hold(one, kA, Kind::rwlock_read);
  hold(two, kB, Kind::rwlock_read);
  wait(one, kB, Kind::rwlock_read);
  wait(two, kA, Kind::rwlock_read);
  EXPECT_FALSE(deadlocked(two));
}

TEST_F(WaitGraph, WriterWaitsForEveryReader) {
  ThreadRecord &idle = add(), &reader = add(), &writer = add();
  hold(idle, kA, Kind::rwlock_read);
  hold(reader, kA, Kind::rwlock_read);
  hold(writer, kB);
  wait(reader, kB);
  wait(writer, kA, Kind::rwlock_write);
  EXPECT_TRUE(deadlocked(writer));
}

TEST_F(WaitGraph, ReaderWaitsBehindAWriterOnlyIfWritersArePreferred) {
  for (const bool writers_first : {false, true}) {
    table = std::make_unique<ThreadTable>();
    ThreadRecord &reader = add(), &writer = add();
    hold(reader, kA, Kind::rwlock_read);
    wait(writer, kA, Kind::rwlock_write);
    wait(reader, kA, Kind::rwlock_read, writers_first);
    EXPECT_EQ(deadlocked(reader), writers_first);
  }
}

TEST_F(WaitGraph, JoinWaitsForTheThreadItself) {
  ThreadRecord &one = add(), &two = add();
  hold(one, kA);
  wait(two, kA);
  one.want.thread = &two;
  wait(one, 0, Kind::join);
  EXPECT_TRUE(deadlocked(one));
}

TEST_F(WaitGraph, EmptyHoldIsSkipped) {
  ThreadRecord &one = add(), &two = add();
  hold(one, kA);
  hold(two, kB);
  wait(one, kB);
  wait(two, kA);
  facts.released.insert(kA);
  EXPECT_FALSE(deadlocked(two));
}

TEST_F(WaitGraph, LockOfAThreadThatEndedIsAbandoned) {
  ThreadRecord &gone = add(), &one = add();
  hold(gone, kA);
  table->end(gone);
  wait(one, kA);
  ASSERT_TRUE(deadlocked(one));
  EXPECT_TRUE(cycle.abandoned);
  EXPECT_EQ(cycle.threads.back(), &gone);
}

TEST_F(WaitGraph, WaiterForAConditionCountsOnceItIsWoken) {
  ThreadRecord &waiter = add(), &other = add();
  hold(waiter, kA);
  hold(other, kB);
  waiter.want.mutex = kB;
  wait(waiter, kC, Kind::condition);
  wait(other, kA);
  ASSERT_TRUE(deadlocked(other));
  EXPECT_FALSE(cycle.certain);
  facts.again = Answer::yes;
  ASSERT_TRUE(deadlocked(other));
  EXPECT_TRUE(cycle.certain);
}

TEST_F(WaitGraph, ManyLocksAreHeldAndReleasedInAnyOrder) {
  ThreadRecord& one = add();
  for (std::uintptr_t i = 1; i <= 1000; ++i) hold(one, i);
  for (std::uintptr_t i = 1; i <= 1000; i += 2) EXPECT_TRUE(one.pop(i));
  EXPECT_FALSE(one.pop(1));
  EXPECT_NE(one.find(1000), nullptr);
  EXPECT_EQ(one.find(999), nullptr);
  for (std::uintptr_t i = 1000; i >= 2; i -= 2) EXPECT_TRUE(one.pop(i));
  EXPECT_EQ(one.held_count, 0U);
}

TEST_F(WaitGraph, AfterAForkOneThreadIsLeft) {
  ThreadRecord &holder = add(), &free = add(), &survivor = add();
  hold(holder, kA);
  wait(free, kB);
  table->keep_only(&survivor);
  EXPECT_EQ(table->live(), 1);
  EXPECT_FALSE(free.waits());
  wait(survivor, kA);
  EXPECT_TRUE(deadlocked(survivor));
  EXPECT_TRUE(cycle.abandoned);
}

}  // namespace
}  // namespace racetrack::deadlock
