#include "explore/weak/store_history.hpp"

#include <gtest/gtest.h>

namespace racetrack::explore {
namespace {

using Count = VectorClock::Count;

VectorClock clock_of(Count thread_0, Count thread_1, Count thread_2 = 0) {
  VectorClock clock;
  clock.set(0, thread_0);
  clock.set(1, thread_1);
  clock.set(2, thread_2);
  return clock;
}

/// Threads 0, 1 and 2 begin at 1, without knowing each other's clocks.
const VectorClock k0 = clock_of(1, 0, 0), k1 = clock_of(0, 1, 0), k2 = clock_of(0, 0, 1);

class StoreHistoryTest : public testing::Test {
 protected:
  StoreHistoryTest() { history_.begin(0); }

  Store& store(Word128 value, ThreadId writer, Count now = 1) {
    Store& added = history_.add();
    added.value = value;
    added.first_accesses.add(writer, now);
    return added;
  }
  /// The number of stores that a load outside of S, or in it, may return.
  unsigned visible(const VectorClock& clock, bool seq_cst = false) {
    return history_.in_sc_order(history_.coherent(clock), clock, {seq_cst, fences_});
  }

  StoreHistory history_;
  ScFences fences_;
};

TEST_F(StoreHistoryTest, begins_with_the_content_of_memory) {
  EXPECT_EQ(visible(k0), 1U);
  EXPECT_EQ(history_.at(0).value, 0U);
}

TEST_F(StoreHistoryTest, shows_older_stores_to_threads_that_do_not_know_the_newer_ones) {
  store(1, 0);
  store(2, 0);
  EXPECT_EQ(visible(k1), 3U);
  EXPECT_EQ(history_.at(0).value, 2U);
  EXPECT_EQ(history_.at(2).value, 0U);
}

TEST_F(StoreHistoryTest, hides_stores_older_than_the_threads_own) {
  store(1, 0);
  store(2, 1);
  EXPECT_EQ(visible(k0), 2U);
  EXPECT_EQ(visible(k1), 1U);
}

TEST_F(StoreHistoryTest, hides_stores_older_than_one_that_happens_before) {
  store(1, 0, 3);
  EXPECT_EQ(visible(clock_of(2, 1)), 2U);
  EXPECT_EQ(visible(clock_of(3, 1)), 1U);
}

TEST_F(StoreHistoryTest, hides_stores_older_than_one_read_before) {
  store(1, 0);
  store(2, 0);
  history_.at(1).first_accesses.add(1, 1);
  EXPECT_EQ(visible(k1), 2U);
  // and by another thread whose clock is known
  EXPECT_EQ(visible(k2), 3U);
  EXPECT_EQ(visible(clock_of(0, 1, 1)), 2U);
}

TEST_F(StoreHistoryTest, keeps_the_first_access_of_a_store) {
  store(1, 0);
  history_.at(0).first_accesses.add(1, 2);
  history_.at(0).first_accesses.add(1, 5);
  EXPECT_EQ(visible(clock_of(0, 2, 1)), 1U);
}

TEST_F(StoreHistoryTest, keeps_the_latest_stores_only) {
  for (unsigned i = 1; i <= 2 * StoreHistory::kKept; ++i) store(i, 0);
  EXPECT_EQ(visible(k1), StoreHistory::kKept);
  EXPECT_EQ(history_.at(StoreHistory::kKept - 1).value, StoreHistory::kKept + 1U);
}

TEST_F(StoreHistoryTest, begins_anew_after_an_unrecorded_write) {
  store(1, 0);
  history_.begin(7);
  EXPECT_EQ(visible(k1), 1U);
  EXPECT_EQ(history_.at(0).value, 7U);
}

TEST_F(StoreHistoryTest, hides_stores_older_than_a_seq_cst_store_only_from_seq_cst_loads) {
  store(1, 0).sc_at = 0;
  EXPECT_EQ(visible(k1, true), 1U);
  EXPECT_EQ(visible(k1), 2U);
}

TEST_F(StoreHistoryTest, hides_stores_older_than_a_fenced_store_from_seq_cst_loads) {
  store(1, 0);
  EXPECT_EQ(visible(k1, true), 2U);
  fences_.add(0, k0);
  EXPECT_EQ(visible(k1, true), 1U);
  EXPECT_EQ(visible(k1), 2U);
}

TEST_F(StoreHistoryTest, hides_stores_older_than_a_seq_cst_store_from_loads_after_a_later_fence) {
  store(1, 0).sc_at = fences_.count();
  fences_.add(1, k1);
  EXPECT_EQ(visible(clock_of(0, 2)), 1U) << "thread 1 is behind its fence";
  EXPECT_EQ(visible(k2), 2U) << "thread 2 knows of no fence";
}

TEST_F(StoreHistoryTest, shows_stores_older_than_a_seq_cst_store_to_loads_after_an_earlier_fence) {
  fences_.add(1, k1);
  store(1, 0).sc_at = fences_.count();
  EXPECT_EQ(visible(clock_of(0, 2)), 2U);
}

TEST_F(StoreHistoryTest, of_two_fences_the_earlier_one_publishes_and_the_later_one_binds) {
  store(1, 0);
  fences_.add(0, k0);
  EXPECT_EQ(visible(clock_of(0, 2)), 2U) << "thread 1 has no fence yet";
  fences_.add(1, k1);
  EXPECT_EQ(visible(clock_of(0, 2)), 1U);
}

TEST_F(StoreHistoryTest, a_fence_before_the_store_publishes_nothing) {
  fences_.add(0, k0);
  store(1, 0, 2);
  fences_.add(1, k1);
  EXPECT_EQ(visible(clock_of(0, 2)), 2U);
}

TEST_F(StoreHistoryTest, a_fence_publishes_the_whole_clock_of_its_thread) {
  store(1, 0);
  fences_.add(1, clock_of(1, 1));
  fences_.add(2, k2);
  EXPECT_EQ(visible(clock_of(0, 0, 2)), 1U);
}

TEST(ScFences, are_known_to_clocks_that_include_a_later_step_of_their_thread) {
  ScFences fences;
  fences.add(0, clock_of(3, 0));
  fences.add(1, clock_of(0, 5));
  EXPECT_EQ(fences.latest_known(clock_of(2, 4)), 0U);
  EXPECT_EQ(fences.latest_known(clock_of(3, 4)), 1U);
  EXPECT_EQ(fences.latest_known(clock_of(0, 5)), 2U);
}

}  // namespace
}  // namespace racetrack::explore
