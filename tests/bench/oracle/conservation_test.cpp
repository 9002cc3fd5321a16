#include "oracle/conservation.hpp"

#include <gtest/gtest.h>

#include "oracle/histories.hpp"

namespace racetrack::oracle {
namespace {

constexpr std::size_t kItems = 60;

/// Generates the history of a sound queue, applies `mutate`, and returns the verdict of the conservation oracle.
template <class Mutate>
Verdict after(std::uint64_t seed, Mutate&& mutate) {
  History history = sound_history(seed, kItems, 8);
  mutate(history);
  return conservation(history);
}

class Conservation : public testing::TestWithParam<std::uint64_t> {};

TEST_P(Conservation, PassesASoundHistory) {
  EXPECT_EQ(after(GetParam(), [](History&) {}).result, Result::pass);
}

TEST_P(Conservation, FindsALostItem) {
  const Verdict verdict =
      after(GetParam(), [](History& history) { history.threads[2].erase(history.threads[2].begin() + 3); });
  EXPECT_EQ(verdict.result, Result::fail);
  EXPECT_EQ(verdict.kind, "lost");
  EXPECT_EQ(verdict.detector, "oracle.conservation");
  EXPECT_NE(verdict.witness.find("(1 of 60 items)"), std::string::npos) << verdict.witness;
}

TEST_P(Conservation, FindsALostLastItem) {
  // A merge of sorted lists could overlook the loss of the greatest value.
  EXPECT_EQ(after(GetParam(),
                  [](History& history) {
                    const std::uint64_t last = history.threads[1].back().value;
                    for (auto& thread : {&history.threads[2], &history.threads[3]}) {
                      std::erase_if(*thread, [&](const Operation& operation) { return operation.value == last; });
                    }
                  })
                .kind,
            "lost");
}

TEST_P(Conservation, FindsADuplicatedItem) {
  EXPECT_EQ(after(GetParam(), [](History& history) { history.threads[3].push_back(history.threads[2][5]); }).kind,
            "duplicated");
}

TEST_P(Conservation, FindsAnInventedItem) {
  EXPECT_EQ(after(GetParam(), [](History& history) { history.threads[2][4].value = 1000; }).kind, "invented");
  EXPECT_EQ(after(GetParam(), [](History& history) { history.threads[2][4].value = ~std::uint64_t{0} >> 1U; }).kind,
            "invented");
  EXPECT_EQ(after(GetParam(), [](History& history) { history.threads[2][4].value = 0; }).kind, "invented");
}

TEST_P(Conservation, FindsATornItem) {
  EXPECT_EQ(after(GetParam(), [](History& history) { history.threads[3][2].outcome = Outcome::torn; }).kind, "torn");
}

TEST_P(Conservation, NeedsNoStamps) {
  EXPECT_EQ(after(GetParam(),
                  [](History& history) {
                    history.stamped = false;
                    for (auto& thread : history.threads) {
                      for (Operation& operation : thread) operation.invoked = operation.returned = 0;
                    }
                  })
                .result,
            Result::pass);
}

INSTANTIATE_TEST_SUITE_P(Seeds, Conservation, testing::Range<std::uint64_t>(1, 6));

TEST(ConservationOfObjects, ChecksEachSeparately) {
  HistoryOf history(2);
  history.push(0, 1, 1, 2, Outcome::ok, 0).pop(1, 1, 3, 4, Outcome::ok, 1);
  EXPECT_EQ(conservation(history).result, Result::fail) << "pushed into one queue, popped from the other";
  history.pop(1, 1, 5, 6, Outcome::ok, 0).push(0, 1, 3, 4, Outcome::ok, 1);
  EXPECT_EQ(conservation(history).result, Result::pass);
}

TEST(ConservationOfPendingOperations, AllowsTheirPossibleEffects) {
  HistoryOf stopped(3);
  stopped.push(0, 1, 1, 2).push(0, 2, 3, 4).pop(1, 1, 5, 6).pop(1, 0, 7, 0, Outcome::pending);
  EXPECT_EQ(conservation(stopped).result, Result::pass) << "the pending pop may hold item 2";
  stopped.push(0, 3, 7, 8);
  EXPECT_EQ(conservation(stopped).kind, "lost") << "one pending pop cannot hold two items";

  HistoryOf pending_push(2);
  pending_push.push(0, 1, 1, 0, Outcome::pending);
  EXPECT_EQ(conservation(pending_push).result, Result::pass) << "not popped: it may not have taken effect";
  pending_push.pop(1, 1, 2, 3);
  EXPECT_EQ(conservation(pending_push).result, Result::pass) << "popped: it has";
}

TEST(ConservationOfFailedTries, IgnoresThem) {
  HistoryOf history(2);
  history.push(0, 1, 1, 2, Outcome::full).push(0, 1, 3, 4).pop(1, 0, 1, 2, Outcome::empty).pop(1, 1, 5, 6);
  EXPECT_EQ(conservation(history).result, Result::pass);
  EXPECT_EQ(conservation(History{}).result, Result::pass);
}

}  // namespace
}  // namespace racetrack::oracle
