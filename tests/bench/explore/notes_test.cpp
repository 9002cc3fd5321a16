// A limit of an exploration withholds its claim of exhaustion.
#include "explore/notes.hpp"

#include <atomic>
#include <string>

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "bodies.hpp"
#include "explore/explorer.hpp"

namespace racetrack::explore {
namespace {

using testing::ElementsAre;
using testing::IsEmpty;

Exploration searched(const std::function<void()>& body) {
  Subject subject;
  subject.body = body;
  Plan plan;
  plan.strategies = {"dfs"};
  plan.seconds = 100;
  return explore(subject, plan);
}

TEST(Notes, keep_each_text_once_and_report_dropped_texts) {
  Notes notes;
  notes.add("not tried: time-outs");
  notes.add("not controlled: other threads");
  notes.add("not tried: time-outs");
  EXPECT_THAT(notes.all(), ElementsAre("not tried: time-outs", "not controlled: other threads"));
  for (int i = 0; i < 100; ++i) notes.add("not tried: " + std::to_string(i));
  EXPECT_EQ(notes.all().size(), 17U);
  EXPECT_EQ(notes.all().back(), "not controlled: more than is listed here");
  notes.clear();
  EXPECT_THAT(notes.all(), IsEmpty());
}

TEST(Notes, withhold_the_claim_of_exhaustion) {
  const Exploration whole = searched(bodies::two_counters<1>);
  EXPECT_TRUE(whole.complete);
  EXPECT_THAT(whole.notes, IsEmpty());
  const Exploration limited = searched([] {
    add_note("not controlled: a thread of another library");
    bodies::two_counters<1>();
  });
  EXPECT_FALSE(limited.complete);
  EXPECT_THAT(limited.notes, ElementsAre("not controlled: a thread of another library"));
  for (const Share& share : limited.shares) EXPECT_EQ(share.exhausted, "");
  EXPECT_EQ(limited.executions, whole.executions);
  const Exploration later = searched(bodies::two_counters<1>);
  EXPECT_TRUE(later.complete) << "notes are those of one exploration";
}

TEST(Exploration, counts_the_threads_that_ran) {
  EXPECT_EQ(searched([] {}).threads, 1U);
  EXPECT_EQ(searched(bodies::two_counters<1>).threads, 3U);
}

}  // namespace
}  // namespace racetrack::explore
