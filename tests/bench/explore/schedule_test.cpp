#include "explore/schedule/schedule.hpp"

#include <gtest/gtest.h>

namespace racetrack::explore {
namespace {

Schedule some_schedule() {
  Schedule schedule;
  schedule.reuse = false;
  schedule.spurious_failures = 2;
  schedule.departures = {{0, 1, 3}, {15, 0, 123456}, {2, 14, 35}};
  return schedule;
}

TEST(Schedule, is_unchanged_by_writing_and_parsing) {
  EXPECT_EQ(Schedule::parse(some_schedule().text()), some_schedule());
  EXPECT_EQ(Schedule::parse(Schedule{}.text()), Schedule{});
  Schedule weak = some_schedule();
  weak.memory = Memory::weak;
  EXPECT_EQ(Schedule::parse(weak.text()), weak);
}

TEST(Schedule, refuses_a_truncated_or_changed_text) {
  const std::string text = some_schedule().text();
  for (std::size_t length = 0; length < text.size(); ++length)
    EXPECT_FALSE(Schedule::parse(text.substr(0, length))) << length;
  for (std::size_t at = 0; at < text.size(); ++at) {
    std::string changed = text;
    changed[at] = changed[at] == '0' ? '1' : '0';
    EXPECT_FALSE(Schedule::parse(changed)) << changed;
  }
}

}  // namespace
}  // namespace racetrack::explore
