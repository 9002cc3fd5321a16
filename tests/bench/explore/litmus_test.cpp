#include <stdexcept>
#include <string>

#include <gtest/gtest.h>

#include "litmus/check.hpp"

namespace {

class EveryLitmusTest : public testing::TestWithParam<litmus::Test> {};

TEST_P(EveryLitmusTest, has_the_outcomes_of_the_table) {
  SCOPED_TRACE(GetParam().program);
  const litmus::Result result = litmus::explore(GetParam(), 3000);
  for (const std::string& what : litmus::faults(GetParam(), result)) ADD_FAILURE() << what;
  RecordProperty("searched", result.searched ? "to the end" : "not to the end");
}

/// "03_CoWR".
INSTANTIATE_TEST_SUITE_P(table, EveryLitmusTest, testing::ValuesIn(litmus::table()), [](const auto& test) {
  std::string name = (test.index < 10 ? "0" : "") + std::to_string(test.index) + "_";
  for (const char letter : std::string(test.param.shape)) name += letter == '.' || letter == '+' ? '_' : letter;
  return name;
});

TEST(LitmusProgram, refuses_text_that_is_not_a_program) {
  for (const char* text : {"x", "x=", "x=1.nonsense", "w=1", "a=x=1", "a=x?1.rlx", "F", "F.", "x.acq", "e=x.rlx"})
    EXPECT_THROW(litmus::parse(text), std::invalid_argument) << text;
}

/// A control: a table with a wrong outcome is reported.
TEST(LitmusTable, reports_a_wrong_outcome) {
  using litmus::Ground;
  litmus::Test test{"SB", "x=1.rlx a=y.rlx | y=1.rlx b=x.rlx", nullptr, 2, {}};
  const litmus::Result result = litmus::explore(test, 3000);
  const auto differences = [&](const char* outcome, Ground ground) {
    test.outcomes = {{outcome, ground, ""}};
    return litmus::faults(test, result).size();
  };
  EXPECT_EQ(differences("00", Ground::shown), 0U);
  EXPECT_EQ(differences("00", Ground::forbidden), 1U);
  EXPECT_EQ(differences("00", Ground::not_shown), 1U);
  EXPECT_EQ(differences("22", Ground::shown), 2U) << "00 is not listed, 22 is never seen";
  EXPECT_EQ(differences("11", Ground::shown), 2U) << "00 is not listed, 11 is an interleaving's";
}

}  // namespace
