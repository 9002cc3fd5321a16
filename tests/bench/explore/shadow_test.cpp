#include "explore/happens_before/shadow.hpp"

#include <gtest/gtest.h>

#include "explore/explorer.hpp"
#include "explore/runtime.hpp"
#include "explore/session.hpp"

namespace racetrack::explore {
namespace {

VectorClock clock_of(VectorClock::Count thread_0, VectorClock::Count thread_1) {
  VectorClock clock;
  clock.set(0, thread_0);
  clock.set(1, thread_1);
  return clock;
}
constexpr Access access(ThreadId thread, AccessKind kind, std::uint8_t bytes = 0xff, VectorClock::Count epoch = 1) {
  return {epoch, thread, bytes, kind, Cause::access};
}
const VectorClock kKnowsNothing0 = clock_of(1, 0), kKnowsNothing1 = clock_of(0, 1), kKnows0 = clock_of(1, 1);

/// Whether the second of two accesses, by threads without a common past, conflicts with the first.
bool conflict(AccessKind first, AccessKind second, std::uint8_t bytes_0 = 0xff, std::uint8_t bytes_1 = 0xff) {
  Cell cell{};
  EXPECT_FALSE(record_access(cell, access(0, first, bytes_0), kKnowsNothing0).found);
  return record_access(cell, access(1, second, bytes_1), kKnowsNothing1).found;
}

TEST(Shadow, two_accesses_conflict_when_one_writes_and_not_both_are_atomic) {
  EXPECT_TRUE(conflict(kPlainWrite, kPlainWrite));
  EXPECT_TRUE(conflict(kPlainWrite, kPlainRead));
  EXPECT_TRUE(conflict(kPlainRead, kPlainWrite));
  EXPECT_TRUE(conflict(kAtomicWrite, kPlainRead));
  EXPECT_TRUE(conflict(kPlainWrite, kAtomicRead));
  EXPECT_FALSE(conflict(kPlainRead, kPlainRead));
  EXPECT_FALSE(conflict(kPlainRead, kAtomicRead));
  EXPECT_FALSE(conflict(kAtomicWrite, kAtomicWrite));
  EXPECT_FALSE(conflict(kAtomicWrite, kAtomicRead));
}

TEST(Shadow, accesses_of_different_bytes_do_not_conflict) {
  EXPECT_FALSE(conflict(kPlainWrite, kPlainWrite, 0x0f, 0xf0));
  EXPECT_TRUE(conflict(kPlainWrite, kPlainWrite, 0x1f, 0xf0));
}

TEST(Shadow, ordered_accesses_do_not_conflict) {
  Cell cell{};
  record_access(cell, access(0, kPlainWrite), kKnowsNothing0);
  EXPECT_FALSE(record_access(cell, access(1, kPlainWrite), kKnows0).found);
}

TEST(Shadow, a_write_is_kept_after_a_read_that_is_ordered_after_it) {
  Cell cell{};
  record_access(cell, access(0, kPlainWrite), kKnowsNothing0);
  record_access(cell, access(1, kPlainRead), kKnows0);
  VectorClock third;
  third.set(2, 1);
  third.set(1, 1);  // knows the reader, not the writer
  EXPECT_TRUE(record_access(cell, access(2, kPlainRead), third).found);
}

TEST(Shadow, reads_of_several_threads_are_all_kept) {
  Cell cell{};
  VectorClock clock;
  for (ThreadId thread = 0; thread < 4; ++thread) record_access(cell, access(thread, kPlainRead), clock);
  VectorClock writer;
  for (ThreadId thread = 1; thread < 4; ++thread) writer.set(thread, 1);
  const Conflict found = record_access(cell, access(5, kPlainWrite), writer);
  EXPECT_TRUE(found.found);
  EXPECT_EQ(found.earlier.thread, 0);
}

TEST(Shadow, keeps_the_objects_outside_of_the_world_when_its_table_is_full) {
  const Session session(Subject().module);
  Shadow& shadow = runtime.shadow;
  shadow.begin_execution();
  constexpr std::uintptr_t kSomewhere = 0x5000'0000'0000;
  constexpr std::uint32_t kObjects = 100;
  const auto fill = [&](std::uintptr_t from) {
    for (std::uintptr_t word = 0; word < 200'000; ++word) shadow.cell(from + word * 8).count = 1;
  };
  fill(2 * kSomewhere);  // so that the objects are in cells that others had before
  for (std::uint32_t i = 1; i <= kObjects; ++i) shadow.cell(kSomewhere + i * 8UL).object = i;
  fill(3 * kSomewhere);
  for (std::uint32_t i = 1; i <= kObjects; ++i) EXPECT_EQ(shadow.cell(kSomewhere + i * 8UL).object, i);
}

}  // namespace
}  // namespace racetrack::explore
