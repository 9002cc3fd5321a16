#include "host/job.hpp"

#include <iostream>
#include <iterator>
#include <system_error>

#include "host/child_process.hpp"
#include "host/exit.hpp"
#include "host/explore_command.hpp"
#include "host/heartbeat.hpp"
#include "host/refusals.hpp"
#include "load/team.hpp"

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

template <class Plan>
nlohmann::json common_job(const char* engine, const Case& which, const Plan& plan) {
  nlohmann::json params = nlohmann::json::array();
  for (const auto& [name, value] : which.params.pairs()) params.push_back({name, value});
  return {{"engine", engine},
          {"plugin", path_json(which.plugin)},
          {"plugin_id", which.plugin_id},
          {"scenario", which.scenario->name()},
          {"params", std::move(params)},
          {"pinning", word_of(plan.pinning)},
          {"seed", plan.seed},
          {"patience_s", plan.patience_s},
          {"ticks_per_ns", plan.clock.ticks_per_ns},
          {"step_ns", plan.clock.step_ns},
          {"skew", plan.skew}};
}

template <class Plan>
Plan common_plan(const nlohmann::json& job) {
  Plan plan;
  for (const auto& pair : job.at("params")) {
    plan.params.set(pair.at(0).get<std::string>(), pair.at(1).get<std::string>());
  }
  plan.pinning = load::pinning_of(job.at("pinning").get<std::string>());
  plan.seed = job.at("seed");
  plan.patience_s = job.at("patience_s");
  plan.clock.ticks_per_ns = job.at("ticks_per_ns");
  plan.clock.step_ns = job.at("step_ns");
  plan.skew = job.at("skew");
  return plan;
}

}  // namespace

nlohmann::json path_json(const std::filesystem::path& path) {
  const std::string& bytes = path.native();
  return std::vector<unsigned>(reinterpret_cast<const unsigned char*>(bytes.data()),
                               reinterpret_cast<const unsigned char*>(bytes.data()) + bytes.size());
}

std::filesystem::path path_of(const nlohmann::json& bytes) {
  std::string path;
  for (const nlohmann::json& byte : bytes) path += static_cast<char>(byte.get<unsigned>());
  return path;
}

std::string job_text(const Case& which, const measure::TrialPlan& plan) {
  nlohmann::json job = common_job("bench", which, plan);
  job["min_time_s"] = plan.min_time_s;
  return job.dump();
}

std::string job_text(const Case& which, const stress::StressPlan& plan) {
  nlohmann::json job = common_job("stress", which, plan);
  job["seconds"] = plan.seconds;
  job["only_round"] = plan.only_round ? nlohmann::json(*plan.only_round) : nlohmann::json();
  job["most_work"] = plan.most_work;
  job["slowed"] = plan.slowed;
  return job.dump();
}

namespace {

int run_job() {
  Heartbeat heartbeat(kHeartbeatDescriptor);
  const auto beat = [&heartbeat] { heartbeat.beat(); };
  const std::string text{std::istreambuf_iterator<char>(std::cin), {}};
  const nlohmann::json job = nlohmann::json::parse(text);
  if (job.at("engine") != "explore") report_refusals();  // explored threads are the explorer's
  const auto answer = [](const nlohmann::json& result) {
    send_answer(result.dump(-1, ' ', false, nlohmann::json::error_handler_t::replace));
  };
  const Plugin plugin = load_plugin(path_of(job.at("plugin")), job.at("plugin_id").get<std::string>());
  for (const Scenario& scenario : plugin.scenarios) {
    if (scenario.name() != job.at("scenario").get<std::string>()) continue;
    if (job.at("engine") == "explore") {
      run_explore_job(scenario, job, answer);
    } else if (job.at("engine") == "bench") {
      auto plan = common_plan<measure::TrialPlan>(job);
      plan.min_time_s = job.at("min_time_s");
      plan.beat = beat;
      measure::run_trial(scenario, plan, answer);
    } else {
      auto plan = common_plan<stress::StressPlan>(job);
      plan.seconds = job.at("seconds");
      plan.beat = beat;
      if (job.at("only_round").is_number()) plan.only_round = job.at("only_round").get<std::uint64_t>();
      plan.most_work = job.at("most_work");
      plan.slowed = job.at("slowed");
      stress::run_stress(scenario, plan, answer);
    }
    return 0;
  }
  throw Failure(Exit::harness, "the plugin has no such scenario");
}

}  // namespace

int handle_job() {
  std::string trouble;
  try {
    return run_job();
  } catch (const Failure& failure) {  // thrown before any subject runs
    trouble = failure.what();
  } catch (const load::Refused& refused) {
    trouble = refused.what();
  } catch (const std::system_error& error) {
    // The system refuses a thread to the harness as well as to the subject, so the subject is not at fault.
    if (error.code() != std::errc::resource_unavailable_try_again) throw;
    trouble = std::string("the system refuses another thread (see ulimit -u): ") + error.what();
  }
  send_trouble(trouble);
  return static_cast<int>(Exit::harness);
}

}  // namespace racetrack::host
