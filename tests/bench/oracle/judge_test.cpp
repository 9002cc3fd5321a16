#include "oracle/judge.hpp"

#include <stdexcept>

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "oracle/histories.hpp"

namespace racetrack::oracle {
namespace {

TEST(Judge, ReturnsTheWorstVerdictOfTheNamedOracles) {
  HistoryOf reordered(2, 1);
  reordered.push(0, 1, 1, 2).push(0, 2, 3, 4).pop(1, 2, 5, 6).pop(1, 1, 7, 8);
  EXPECT_EQ(judge({}, reordered).result, Result::pass);
  EXPECT_EQ(judge({"conservation"}, reordered).result, Result::pass);
  EXPECT_EQ(judge({"conservation", "fifo"}, reordered).kind, "reordered");
  EXPECT_EQ(judge({"conservation", "per_producer"}, reordered).kind, "reordered");
  EXPECT_EQ(judge({"conservation", "capacity"}, reordered).kind, "overflow");
}

TEST(Judge, ThrowsForAnUnknownOracle) { EXPECT_THROW(judge({"intuition"}, {}), std::invalid_argument); }

TEST(Judge, AcceptsEveryNameThatItLists) {
  EXPECT_EQ(known_oracles().size(), 10U);
  for (const std::string& name : known_oracles()) EXPECT_EQ(judge({name}, {}).result, Result::pass);
}

}  // namespace
}  // namespace racetrack::oracle
