#include <racetrack/parameters.hpp>

#include <stdexcept>

#include <gtest/gtest.h>

namespace racetrack {
namespace {

TEST(Parameters, KeepTheOrderInWhichTheyWereSet) {
  Parameters params;
  params.set("producers", "2");
  params.set("capacity", "1024");
  params.set("producers", "4");
  const std::vector<Parameters::Pair> expected{{"producers", "4"}, {"capacity", "1024"}};
  EXPECT_EQ(params.pairs(), expected);
}

TEST(Parameters, ReturnTextAsTextAndTheFallbackAsANumber) {
  Parameters params;
  params.set("capacity", "unbounded");
  EXPECT_EQ(params.text("capacity"), "unbounded");
  EXPECT_EQ(params.number("capacity", 7), 7U);
  EXPECT_EQ(params.number("payload", 8), 8U);
  EXPECT_FALSE(params.has("payload"));
  EXPECT_THROW(static_cast<void>(params.text("payload")), std::out_of_range);
}

TEST(ToNumber, AcceptsNonNegativeDecimalNumbersOnly) {
  EXPECT_EQ(to_number("0"), 0U);
  EXPECT_EQ(to_number("18446744073709551615"), ~std::uint64_t{0});
  for (const char* text : {"", " 1", "1 ", "-1", "+1", "1.5", "0x10", "1k", "18446744073709551616"}) {
    EXPECT_FALSE(to_number(text)) << text;
  }
}

TEST(Axis, RejectsNumbersOutOfRangeAndUnknownTexts) {
  const Axis capacity{
      .name = "capacity", .defaults = {}, .full = {}, .smallest = 2, .largest = 16, .words = {"unbounded"}};
  for (const char* value : {"2", "5", "16", "unbounded"}) EXPECT_FALSE(capacity.refuse(value)) << value;
  for (const char* value : {"1", "17", "-2", "", "8 ", "many"}) EXPECT_TRUE(capacity.refuse(value)) << value;
  EXPECT_EQ(capacity.refuse("17"), "capacity:17 is out of range (2..16, unbounded)");
}

TEST(Axis, WithoutARangeRejectsOtherNumbers) {
  const Axis payload{.name = "payload", .defaults = {}, .full = {}, .smallest = 8, .largest = 0, .words = {"8", "64"}};
  EXPECT_FALSE(payload.refuse("64"));
  EXPECT_EQ(payload.refuse("32"), "payload:32 is out of range (8, 64)");
}

}  // namespace
}  // namespace racetrack
