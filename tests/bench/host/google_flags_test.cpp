#include "host/google_flags.hpp"

#include <gtest/gtest.h>

namespace racetrack::host {
namespace {

SweepOptions taken(std::vector<std::string> arguments, std::vector<std::string>* left = nullptr) {
  SweepOptions options;
  take_google_flags(arguments, options);
  if (left != nullptr) *left = arguments;
  return options;
}

/// Returns the message of the rejection; fails the test if the argument is accepted.
std::string refusal(const std::string& argument) {
  try {
    taken({argument});
  } catch (const Failure& failure) {
    EXPECT_EQ(failure.code(), Exit::usage);
    return failure.what();
  }
  ADD_FAILURE() << argument << " was accepted";
  return {};
}

TEST(GoogleFlags, AreConsumedAndTheOtherArgumentsRemain) {
  std::vector<std::string> left;
  const SweepOptions options = taken(
      {"bench", "--benchmark_filter=queue/.*=x", "--benchmark_repetitions=3", "--quiet", "--benchmark_min_time=0.25",
       "--benchmark_out=x.json", "--benchmark_out_format=json", "--benchmark_format=json", "--benchmark_list_tests"},
      &left);
  EXPECT_EQ(left, (std::vector<std::string>{"bench", "--quiet"}));
  EXPECT_EQ(options.selection.filter, "queue/.*=x");
  EXPECT_EQ(options.forks, 3U);
  EXPECT_DOUBLE_EQ(options.min_time_s, 0.25);
  EXPECT_EQ(options.benchmark_out, "x.json");
  EXPECT_EQ(options.format, "json");
  EXPECT_TRUE(options.list_only);
}

TEST(GoogleFlags, MayHaveTheUnitThatNewerVersionsWrite) {
  EXPECT_DOUBLE_EQ(taken({"--benchmark_min_time=0.5s"}).min_time_s, 0.5);
}

TEST(GoogleFlags, MayTurnTheListOff) { EXPECT_FALSE(taken({"--benchmark_list_tests=false"}).list_only); }

TEST(GoogleFlags, ThatAreNotSupportedAreNamed) {
  for (const char* flag :
       {"--benchmark_enable_random_interleaving", "--benchmark_perf_counters", "--benchmark_nonsense"}) {
    EXPECT_NE(refusal(std::string(flag) + "=1").find(flag), std::string::npos);
    EXPECT_NE(refusal(std::string(flag)).find(flag), std::string::npos);
  }
}

TEST(GoogleFlags, RejectInvalidValues) {
  for (const char* word : {"--benchmark_repetitions=0", "--benchmark_repetitions=1.5", "--benchmark_repetitions=many",
                           "--benchmark_repetitions=1001", "--benchmark_repetitions=-1", "--benchmark_min_time=0",
                           "--benchmark_min_time=", "--benchmark_min_time=-1", "--benchmark_min_time=nan",
                           "--benchmark_min_time=inf", "--benchmark_min_time=100x", "--benchmark_out_format=csv",
                           "--benchmark_format=csv", "--benchmark_filter", "--benchmark_list_tests=maybe"}) {
    const std::string line = refusal(word);
    EXPECT_EQ(line.find('\n'), std::string::npos);
    EXPECT_EQ(line.find("--benchmark_"), 0U) << line;
  }
}

}  // namespace
}  // namespace racetrack::host
