// Compiled into each program of racetrack_add_exploration() that links GoogleTest. Its tests are explored like others,
// and a failed EXPECT or ASSERT of any thread ends the execution as a failure. GTEST_SKIP abandons the execution. Each
// execution is a run of GoogleTest with one test, including SetUpTestSuite and environments.
#include <string>

#include <gtest/gtest.h>

#include <racetrack/explore.hpp>

namespace {

class Failures : public testing::EmptyTestEventListener {
  void OnTestPartResult(const testing::TestPartResult& result) override {
    if (result.skipped()) racetrack::assume(false);
    if (!result.failed()) return;
    const bool has_place = result.file_name() != nullptr;
    racetrack_explore_check(false, result.message(), has_place ? result.file_name() : "unknown file",
                            result.line_number());
  }
};

void select_test(const char* name) { testing::GTEST_FLAG(filter) = name; }
void run_selected_test() {
  const int ignored = RUN_ALL_TESTS();  // each failure has been reported already
  static_cast<void>(ignored);
  racetrack::check(testing::UnitTest::GetInstance()->test_to_run_count() == 1,
                   "GoogleTest runs the test (is GTEST_TOTAL_SHARDS set?)");
}

/// Like GoogleTest: by the name of the suite or the test, with or without the prefix of an instantiation.
bool is_disabled(const std::string& name) {
  return name.starts_with("DISABLED_") || name.find("/DISABLED_") != std::string::npos;
}

}  // namespace

/// Called by the program's main before it reads its arguments.
extern "C" void racetrack_explore_adopt_googletest() {
  testing::InitGoogleTest();
  // Overrides settings from the environment for a run of all tests.
  testing::GTEST_FLAG(repeat) = 1;
  testing::GTEST_FLAG(output) = "";
  testing::UnitTest& tests = *testing::UnitTest::GetInstance();
  testing::TestEventListeners& listeners = tests.listeners();
  delete listeners.Release(listeners.default_result_printer());
  listeners.Append(new Failures);
  for (int i = 0; i < tests.total_test_suite_count(); ++i) {
    const testing::TestSuite& suite = *tests.GetTestSuite(i);
    for (int k = 0; k < suite.total_test_count(); ++k) {
      const testing::TestInfo& test = *suite.GetTestInfo(k);
      const bool is_left_out = is_disabled(suite.name()) || is_disabled(test.name());
      if (is_left_out && !testing::GTEST_FLAG(also_run_disabled_tests)) continue;
      const auto* const name = new std::string(std::string(suite.name()) + "." + test.name());
      new racetrack::exploration::Test(name->c_str(), run_selected_test, select_test);  // until the process ends
    }
  }
}
