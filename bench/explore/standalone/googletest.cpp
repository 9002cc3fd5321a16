// Compiled into each program of racetrack_add_exploration() that links GoogleTest: its tests are explored like others, and a failed EXPECT
// or ASSERT of any thread ends the execution as a failure.
#include <string>

#include <gtest/gtest.h>

#include <racetrack/explore.hpp>

namespace {

class Failures : public testing::EmptyTestEventListener {
  void OnTestPartResult(const testing::TestPartResult& result) override {
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
}

}  // namespace

/// Called by the program's main before it reads its arguments.
extern "C" void racetrack_explore_adopt_googletest() {
  testing::InitGoogleTest();
  testing::UnitTest& tests = *testing::UnitTest::GetInstance();
  testing::TestEventListeners& listeners = tests.listeners();
  delete listeners.Release(listeners.default_result_printer());
  listeners.Append(new Failures);
  for (int i = 0; i < tests.total_test_suite_count(); ++i) {
    const testing::TestSuite& suite = *tests.GetTestSuite(i);
    for (int k = 0; k < suite.total_test_count(); ++k) {
      const testing::TestInfo& test = *suite.GetTestInfo(k);
      const auto* const name = new std::string(std::string(suite.name()) + "." + test.name());
      if (std::string(test.name()).starts_with("DISABLED_") || std::string(suite.name()).starts_with("DISABLED_"))
        continue;
      new racetrack::exploration::Test(name->c_str(), run_selected_test, select_test);  // until the process ends
    }
  }
}
