#include "host/job.hpp"

#include <iostream>
#include <iterator>

#include "host/child_process.hpp"
#include "host/exit.hpp"

namespace racetrack::host {
namespace {

const char* word_of(load::Pinning pinning) {
  switch (pinning) {
    case load::Pinning::compact: return "compact";
    case load::Pinning::scatter: return "scatter";
    case load::Pinning::none: return "none";
  }
  return "";
}

}  // namespace

std::string job_text(const Case& which, const measure::TrialPlan& plan) {
  nlohmann::json params = nlohmann::json::array();
  for (const auto& [name, value] : which.params.pairs()) params.push_back({name, value});
  return nlohmann::json{{"plugin", which.plugin.string()},
                        {"scenario", which.scenario->name()},
                        {"params", std::move(params)},
                        {"pinning", word_of(plan.pinning)},
                        {"seed", plan.seed},
                        {"min_time_s", plan.min_time_s},
                        {"patience_s", plan.patience_s},
                        {"ticks_per_ns", plan.clock.ticks_per_ns},
                        {"skew", plan.skew}}
      .dump();
}

int do_job() {
  const std::string text{std::istreambuf_iterator<char>(std::cin), {}};
  const nlohmann::json job = nlohmann::json::parse(text);
  measure::TrialPlan plan;
  for (const auto& pair : job.at("params")) {
    plan.params.set(pair.at(0).get<std::string>(), pair.at(1).get<std::string>());
  }
  plan.pinning = load::pinning_of(job.at("pinning").get<std::string>());
  plan.seed = job.at("seed");
  plan.min_time_s = job.at("min_time_s");
  plan.patience_s = job.at("patience_s");
  plan.clock.ticks_per_ns = job.at("ticks_per_ns");
  plan.skew = job.at("skew");
  const Plugin plugin = load_plugin(job.at("plugin").get<std::string>());
  for (const Scenario& scenario : plugin.scenarios) {
    if (scenario.name() != job.at("scenario").get<std::string>()) continue;
    measure::run_trial(scenario, plan, [](const nlohmann::json& answer) {
      give_answer(answer.dump(-1, ' ', false, nlohmann::json::error_handler_t::replace));
    });
    return 0;
  }
  throw Failure(Exit::harness, "the plugin has no such scenario");
}

}  // namespace racetrack::host
