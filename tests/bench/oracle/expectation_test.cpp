#include "oracle/expectation.hpp"

#include <gtest/gtest.h>

namespace racetrack::oracle {
namespace {

const Expectation kExpectation{
    {.detector = "oracle.lines", .kind = "torn", .grade = Grade::must, .per_runs = 3},
    {.detector = "oracle.*", .kind = "lost", .grade = Grade::may},
    {.detector = "process", .kind = "*", .grade = Grade::never},
};

TEST(Grade, IsThatOfTheFirstLineThatNamesBoth) {
  EXPECT_EQ(grade_of(kExpectation, "oracle.lines", "torn"), Grade::must);
  EXPECT_EQ(grade_of(kExpectation, "oracle.conservation", "lost"), Grade::may);
  EXPECT_EQ(grade_of(kExpectation, "process", "crash"), Grade::never);
}

TEST(Grade, OfAFindingThatNoLineNamesIsNever) {
  EXPECT_EQ(grade_of(kExpectation, "oracle.conservation", "torn"), Grade::never);
  EXPECT_EQ(grade_of(kExpectation, "watchdog", "hang"), Grade::never);
  EXPECT_EQ(grade_of({}, "oracle.lines", "torn"), Grade::never);
}

TEST(AsExpected, IsAFailureOnlyWhenMustOrMay) {
  EXPECT_TRUE(as_expected(kExpectation, {Result::fail, "torn", "oracle.lines", ""}));
  EXPECT_TRUE(as_expected(kExpectation, {Result::fail, "lost", "oracle.sum", ""}));
  EXPECT_FALSE(as_expected(kExpectation, {Result::fail, "duplicated", "oracle.sum", ""}));
  EXPECT_FALSE(as_expected(kExpectation, {Result::fail, "crash", "process", ""}));
  EXPECT_FALSE(as_expected({}, {Result::fail, "lost", "oracle.sum", ""}));
}

TEST(AsExpected, IsEveryPassAndAnUnknownOnlyOfAPermittedKind) {
  EXPECT_TRUE(as_expected(kExpectation, {}));
  EXPECT_FALSE(as_expected({}, {Result::unknown, "", "", "killed from outside"}));
  EXPECT_FALSE(as_expected(kExpectation, {Result::unknown, "", "", "not deterministic"}));
  EXPECT_TRUE(as_expected(kExpectation, {Result::unknown, "torn", "oracle.lines", ""}));
  EXPECT_FALSE(as_expected(kExpectation, {Result::unknown, "hang", "watchdog", ""}));
}

const Verdict kTorn{Result::fail, "torn", "oracle.lines", ""};
const Verdict kHangs{Result::fail, "hang", "watchdog", ""};

TEST(MissedMust, IsARequiredFindingThatWasNotMade) {
  const Expectation torn{{.detector = "oracle.lines", .kind = "torn", .grade = Grade::must},
                         {.detector = "watchdog", .kind = "hang", .grade = Grade::may}};
  EXPECT_EQ(missed_must(torn, {"oracle.*"}, {kTorn}), nullptr);
  EXPECT_EQ(missed_must(torn, {"oracle.*"}, {kHangs}), torn.data());
  EXPECT_EQ(missed_must(torn, {"oracle.*"}, {}), torn.data());
}

TEST(MissedMust, IgnoresDetectorsThatDidNotRun) {
  const Expectation race{{.detector = "tsan", .kind = "race", .grade = Grade::must}};
  EXPECT_EQ(missed_must(race, {"oracle.*", "watchdog"}, {}), nullptr);
  EXPECT_NE(missed_must(race, {"tsan"}, {}), nullptr);
}

TEST(MissedMust, NeedsTheDeclaredNumberOfRuns) {
  EXPECT_EQ(missed_must(kExpectation, {"oracle.*"}, {}, 1), nullptr);
  EXPECT_EQ(missed_must(kExpectation, {"oracle.*"}, {}, 2), nullptr);
  EXPECT_EQ(missed_must(kExpectation, {"oracle.*"}, {}, 3), kExpectation.data());
  EXPECT_EQ(missed_must(kExpectation, {"oracle.*"}, {kTorn}, 3), nullptr);
}

}  // namespace
}  // namespace racetrack::oracle
