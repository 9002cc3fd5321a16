#include "measure/trial.hpp"

#include <chrono>
#include <memory>
#include <thread>

#include <gtest/gtest.h>

namespace racetrack::measure {
namespace {

/// One thread whose units of work take 30 ms each.
class SlowRound final : public Round {
 public:
  explicit SlowRound(const RoundPlan& plan) : plan_(plan) {}

  [[nodiscard]] std::vector<Role> roles() const override { return {{"thread", 1}}; }
  void run(std::size_t /*thread*/, ThreadLog& log) override {
    for (; log.work_done < plan_.work && !plan_.stop->raised(); ++log.work_done) {
      std::this_thread::sleep_for(std::chrono::milliseconds(30));
      if (plan_.probe == ProbeKind::history) log.advance();
    }
    complete_ = log.work_done == plan_.work;
  }
  [[nodiscard]] Verdict check() const override {
    return complete_ ? Verdict{} : Verdict{Result::fail, "hang", "watchdog", "the watchdog stopped the round"};
  }

 private:
  RoundPlan plan_;
  bool complete_ = false;
};

TEST(Trial, TimesARoundThatTakesLongerThanThePatience) {
  Scenario scenario;
  scenario.least_work = scenario.most_work = 12;
  scenario.make_round = [](const RoundPlan& plan) -> std::unique_ptr<Round> {
    return std::make_unique<SlowRound>(plan);
  };
  int beats = 0;
  TrialPlan plan;
  plan.min_time_s = 0.01;
  plan.patience_s = 0.2;  // longer than a unit, shorter than a round
  plan.beat = [&] { ++beats; };
  nlohmann::json result;
  run_trial(scenario, plan, [&](const nlohmann::json& report) { result = report; });
  EXPECT_EQ(result["verdict"]["result"], "pass") << result;
  EXPECT_FALSE(result["metrics"].empty());
  EXPECT_GT(beats, 5) << "also during a round: there are 5 rounds at least";
}

}  // namespace
}  // namespace racetrack::measure
