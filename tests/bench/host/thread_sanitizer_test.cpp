// The options that a child of a tsan build gets, and the recognition of its failure to start.
#include "host/thread_sanitizer.hpp"

#include <gtest/gtest.h>

#include "host/exit.hpp"

namespace racetrack::host {
namespace {

TEST(ThreadSanitizerOptions, UsersMayChangeTheHistoryButNotTheDestinationOfReports) {
  const std::string options = tsan_options("history_size=2:log_path=mine:exitcode=0", "/run/tsan/00003");
  const auto last = [&options](const std::string& name) { return options.substr(options.rfind(name)); };
  EXPECT_TRUE(last("history_size=").starts_with("history_size=2:"));
  EXPECT_TRUE(last("exitcode=").starts_with("exitcode=66:"));
  EXPECT_EQ(last("log_path="), "log_path=\"/run/tsan/00003\"");
}

TEST(ThreadSanitizerOptions, APathWithSpacesColonsAndOneKindOfQuotesIsQuoted) {
  EXPECT_TRUE(tsan_options("", "/a b:c/\"d\"").ends_with(":log_path='/a b:c/\"d\"'"));
}

TEST(ThreadSanitizerOptions, APathThatCannotBeQuotedIsRejected) {
  EXPECT_THROW(static_cast<void>(tsan_options("", "/a\"b'c")), Failure);
}

TEST(ThreadSanitizerStart, OccupiedAddressesAreDistinguishedFromOtherFailures) {
  ChildOutcome outcome;
  outcome.how = ChildOutcome::How::exit;
  outcome.value = kTsanReported;
  EXPECT_FALSE(tsan_found_its_addresses_taken(outcome));
  outcome.last_output = "FATAL: ThreadSanitizer: unexpected memory mapping 0x5567a3c00000-0x5567a3c62000\n";
  EXPECT_TRUE(tsan_found_its_addresses_taken(outcome));
  outcome.how = ChildOutcome::How::ok;
  EXPECT_FALSE(tsan_found_its_addresses_taken(outcome));
}

}  // namespace
}  // namespace racetrack::host
