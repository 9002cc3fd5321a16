#include "host/cases.hpp"

#include <set>

#include <gtest/gtest.h>

#include "host/exit.hpp"

namespace racetrack::host {
namespace {

Scenario scenario(const std::string& subject, Standing standing = Standing::subject) {
  Scenario scenario;
  scenario.family = "queue";
  scenario.workload = "transfer";
  scenario.subject = subject;
  scenario.standing = standing;
  scenario.axes = {
      {.name = "producers", .defaults = {"1", "2"}, .full = {"1", "2", "4"}, .largest = 128},
      {.name = "capacity", .defaults = {"1024"}, .full = {"5", "1024"}, .largest = 4096},
      {.name = "payload", .defaults = {"8"}, .full = {"8", "64"}, .largest = 0, .words = {"8", "64"}},
  };
  if (subject == "rounds_up") {
    scenario.refuse = [](const Parameters& params) -> std::optional<std::string> {
      if (params.number("capacity") == 5) return "its capacity would be 8, not 5";
      return std::nullopt;
    };
  }
  return scenario;
}

const std::vector<Plugin>& plugins() {
  static const std::vector<Plugin> all{
      {"a.so", "g++", {scenario("exact")}},
      {"b.so", "g++", {scenario("rounds_up"), scenario("unlocked", Standing::control)}},
  };
  return all;
}

std::set<std::string> names(const CaseList& list) {
  std::set<std::string> names;
  for (const Case& each : list.cases) names.insert(each.name);
  EXPECT_EQ(names.size(), list.cases.size()) << "a case is listed twice";
  return names;
}

Failure refusal(const Selection& selection) {
  try {
    select_cases(plugins(), selection);
  } catch (const Failure& failure) {
    EXPECT_EQ(std::string(failure.what()).find('\n'), std::string::npos);
    return failure;
  }
  ADD_FAILURE() << "was not refused";
  return usage_error("");
}

bool contains(const Failure& failure, const std::string& text) {
  return std::string(failure.what()).find(text) != std::string::npos;
}

TEST(SelectCases, GivesTheDefaultSweepInTheOrderOfPluginsAndAxes) {
  const CaseList list = select_cases(plugins(), {});
  ASSERT_EQ(list.cases.size(), 4U);
  EXPECT_EQ(list.cases[0].name, "queue/transfer/exact/producers:1/capacity:1024/payload:8/pin:compact");
  EXPECT_EQ(list.cases[1].name, "queue/transfer/exact/producers:2/capacity:1024/payload:8/pin:compact");
  EXPECT_EQ(list.cases[2].name, "queue/transfer/rounds_up/producers:1/capacity:1024/payload:8/pin:compact");
  EXPECT_EQ(list.cases[2].plugin, "b.so");
  EXPECT_EQ(list.cases[2].params.text("pin"), "compact");
}

TEST(SelectCases, ReportsTheCasesThatTheDefaultSweepLeavesOut) {
  const CaseList list = select_cases(plugins(), {});
  ASSERT_EQ(list.left_out.size(), 1U);
  EXPECT_EQ(list.left_out[0].first, "queue/transfer: capacity 5; payload 64; producers 4");
}

TEST(SelectCases, GivesTheFullSweepWithoutCasesThatASubjectCannotRun) {
  const CaseList list = select_cases(plugins(), {.full = true});
  EXPECT_EQ(names(list).size(), 3U * 2U * 2U + 3U * 1U * 2U);
  EXPECT_EQ(list.left_out.size(), 3U * 2U);
  for (const auto& [what, why] : list.left_out) {
    EXPECT_NE(what.find("rounds_up"), std::string::npos);
    EXPECT_EQ(why, "its capacity would be 8, not 5");
  }
}

TEST(SelectCases, RunsControlsUnderStressOnly) {
  EXPECT_EQ(names(select_cases(plugins(), {.stress = true})).size(), 6U);
  EXPECT_EQ(refusal({.filter = "unlocked"}).code(), Exit::nothing);
}

TEST(SelectCases, InWeakMemoryNamesItInEachCaseAndLeavesOutSubjectsWithUninstrumentedAtomics) {
  std::vector<Plugin> all = plugins();
  all[1].scenarios[0].unseen_atomics = "libtbb.so";
  const Selection selection{.explore = true, .weak = true};
  const CaseList list = select_cases(all, selection);
  for (const Case& each : list.cases) {
    EXPECT_EQ(each.params.text(kMemory), "weak");
    EXPECT_TRUE(each.name.ends_with("/memory:weak")) << each.name;
    EXPECT_NE(each.scenario->subject, "rounds_up");
  }
  ASSERT_EQ(list.left_out.size(), 1U);
  EXPECT_EQ(list.left_out.front().first, "queue/transfer/rounds_up");
  EXPECT_NE(list.left_out.front().second.find("libtbb.so"), std::string::npos);
  EXPECT_FALSE(select_cases(all, {.explore = true}).cases.front().name.ends_with("/memory:weak"));
}

TEST(SelectCases, SearchesTheFilterInTheWholeName) {
  EXPECT_EQ(names(select_cases(plugins(), {.filter = "producers:2"})).size(), 2U);
  EXPECT_EQ(names(select_cases(plugins(), {.filter = "^queue/transfer/exact/.*pin:compact$"})).size(), 2U);
  EXPECT_EQ(names(select_cases(plugins(), {.filter = "pin:none", .pinning = "none"})).size(), 4U);
}

TEST(SelectCases, RejectsAFilterThatIsNotARegularExpression) {
  const Failure failure = refusal({.filter = "queue/("});
  EXPECT_EQ(failure.code(), Exit::usage);
  EXPECT_TRUE(contains(failure, "queue/(")) << failure.what();
}

TEST(SelectCases, ReportsThatTheFullSweepWouldMatch) {
  const Failure failure = refusal({.filter = "payload:64"});
  EXPECT_EQ(failure.code(), Exit::nothing);
  EXPECT_TRUE(contains(failure, "add --full")) << failure.what();
  EXPECT_FALSE(contains(refusal({.filter = "no_such_queue"}), "--full"));
  EXPECT_FALSE(contains(refusal({.filter = "no_such_queue", .full = true}), "--full"));
}

TEST(SelectCases, ReportsWhyTheOnlyMatchCannotBeRun) {
  const Failure failure = refusal({.filter = "rounds_up.*capacity:5/"});
  EXPECT_EQ(failure.code(), Exit::nothing);
  EXPECT_TRUE(contains(failure, "its capacity would be 8, not 5")) << failure.what();
}

TEST(SelectCases, TakesValuesInsteadOfTheSweeps) {
  const CaseList list = select_cases(plugins(), {.params = {{"producers", {"3", "7"}}, {"capacity", {"5"}}}});
  EXPECT_EQ(names(list), (std::set<std::string>{"queue/transfer/exact/producers:3/capacity:5/payload:8/pin:compact",
                                                "queue/transfer/exact/producers:7/capacity:5/payload:8/pin:compact"}));
  EXPECT_EQ(list.left_out.size(), 2U);
}

TEST(SelectCases, ListsTheScenariosThatAcceptNoneOfTheValues) {
  std::vector<Plugin> all = plugins();
  all.push_back({"c.so", "g++", {scenario("unbounded")}});
  all.back().scenarios[0].axes[1] = {
      .name = "capacity", .defaults = {"unbounded"}, .full = {"unbounded"}, .largest = 0, .words = {"unbounded"}};
  const Selection selection{.params = {{"capacity", {"1024"}}}};
  const CaseList list = select_cases(all, selection);
  EXPECT_EQ(list.cases.size(), 4U);
  ASSERT_EQ(list.refused.size(), 1U);
  EXPECT_EQ(list.refused[0].scenario, "queue/transfer/unbounded");
  EXPECT_EQ(list.refused[0].why, "capacity:1024 is out of range (unbounded)");
  ASSERT_EQ(list.left_out.size(), 1U);
  EXPECT_EQ(list.left_out[0].first, "queue/transfer/unbounded");

  EXPECT_TRUE(select_cases(all, {.filter = "/exact/", .params = selection.params}).refused.empty());
  EXPECT_EQ(select_cases(all, {.filter = "producers:2.*pin", .params = selection.params}).refused.size(), 1U);
  EXPECT_TRUE(select_cases(all, {}).refused.empty());
  EXPECT_EQ(select_cases(all, {.params = {{"capacity", {"unbounded"}}}}).refused.size(), 2U);
}

TEST(SelectCases, RejectsUnknownParametersAndValuesOutOfRange) {
  EXPECT_EQ(refusal({.params = {{"colour", {"red"}}}}).code(), Exit::usage);
  EXPECT_TRUE(contains(refusal({.params = {{"colour", {"red"}}}}), "capacity, payload, producers"));
  for (const char* value : {"0", "129", "-1", "two"}) {
    const Failure failure = refusal({.params = {{"producers", {value}}}});
    EXPECT_EQ(failure.code(), Exit::usage);
    EXPECT_TRUE(contains(failure, "producers:" + std::string(value) + " is out of range (1..128)")) << failure.what();
  }
}

TEST(SelectCases, RejectsOneValueOutOfRangeAmongOthers) {
  EXPECT_EQ(refusal({.params = {{"producers", {"1", "129"}}}}).code(), Exit::usage);
}

TEST(SelectCases, RejectsACapacityThatTheSubjectCannotHave) {
  const Failure failure = refusal({.filter = "rounds_up", .params = {{"capacity", {"5"}}}});
  EXPECT_EQ(failure.code(), Exit::usage);
  EXPECT_TRUE(contains(failure, "its capacity would be 8, not 5")) << failure.what();
}

TEST(SelectCases, RunsAValueThatIsNamedTwiceOnce) {
  EXPECT_EQ(names(select_cases(plugins(), {.filter = "exact", .params = {{"producers", {"1", "1"}}}})).size(), 1U);
}

}  // namespace
}  // namespace racetrack::host
