#include "host/record.hpp"

#include <csignal>
#include <cstring>
#include <variant>

#include <fmt/format.h>

#include "oracle/expectation.hpp"
#include "oracle/verdict_json.hpp"

namespace racetrack::host {
namespace {

using Json = nlohmann::json;

Json value_json(const std::string& text) {
  if (const auto number = to_number(text)) return *number;
  return text;
}

Json traits_json(const Scenario& scenario, const Parameters& params) {
  Json traits = Json::object();
  const auto put = [&traits](const TraitList& list) {
    for (const auto& [name, value] : list) {
      std::visit([&, &key = name](const auto& v) { traits[key] = v; }, value);
    }
  };
  put(scenario.traits);
  put(scenario.case_traits(params));
  return traits;
}

Json expectation_json(const Expectation& expectation) {
  Json list = Json::array();
  for (const Expected& each : expectation) {
    list.push_back({{"detector", each.detector},
                    {"kind", each.kind},
                    {"grade", oracle::to_word(each.grade)},
                    {"per_runs", each.per_runs}});
  }
  return list;
}

const char* word_of(ChildOutcome::How how) {
  switch (how) {
    case ChildOutcome::How::ok: return "ok";
    case ChildOutcome::How::exit: return "exit";
    case ChildOutcome::How::signal: return "signal";
    case ChildOutcome::How::timeout: return "timeout";
    case ChildOutcome::How::interrupted: return "interrupted";
    case ChildOutcome::How::unreadable: return "unreadable";
    case ChildOutcome::How::harness: return "harness";
  }
  return "";
}

void put_answer(Json& record, const Json& answer) {
  for (const char* key : {"verdict", "metrics", "values", "histograms", "oversubscribed", "placement"}) {
    record[key] = answer.at(key);
  }
  if (answer.contains("exploration")) record["exploration"] = answer.at("exploration");
  record["verdict"]["as_expected"] = answer.at("as_expected");
}

void put_end(Json& record, const ChildOutcome& outcome, const Expectation& expectation) {
  const Verdict verdict = verdict_of(outcome);
  const bool failed = verdict.result == Result::fail;
  record["verdict"] = {{"result", failed ? "fail" : "unknown"},
                       {"kind", failed ? Json(verdict.kind) : Json()},
                       {"detector", failed ? Json(verdict.detector) : Json()},
                       {"k", failed ? 1 : 0},
                       {"n", 1},
                       {"as_expected", oracle::as_expected(expectation, verdict)},
                       {"witness", {{"text", verdict.witness}}},
                       {"replay", nullptr}};
  for (const char* key : {"metrics", "values", "histograms"}) record[key] = Json::object();
  record["oversubscribed"] = false;
  record["placement"] = Json::array();
}

}  // namespace

Verdict verdict_of(const ChildOutcome& outcome) {
  switch (outcome.how) {
    case ChildOutcome::How::ok: return {};
    case ChildOutcome::How::interrupted: return {Result::unknown, "", "", "interrupted"};
    case ChildOutcome::How::unreadable:
    case ChildOutcome::How::harness: return {Result::unknown, "", "", outcome.doubt};
    case ChildOutcome::How::timeout:
      if (outcome.starved) {
        return {
            Result::unknown, "", "",
            "the child process did not end in time and was killed; whether it hangs is not known: " + outcome.doubt};
      }
      return {Result::fail, "hang", "watchdog", "the child process did not end in time and was killed"};
    case ChildOutcome::How::signal: {
      const std::string name = strsignal(outcome.value);
      if (outcome.value == SIGKILL || outcome.value == SIGTERM) {
        return {Result::unknown, "", "", "another process killed the child process (" + name + ")"};
      }
      return {Result::fail, "crash", "process", "the child process died of: " + name};
    }
    case ChildOutcome::How::exit:
      return {Result::fail, "crash", "process",
              fmt::format("the child process exited with status {} before it reported", outcome.value)};
  }
  return {};
}

Json case_record(const RecordHead& head, const Turn& turn, const ChildOutcome& outcome, const Json& answer,
                 const std::string& replay) {
  const Case& which = *turn.which;
  Json params = Json::object();
  for (const auto& [name, value] : which.params.pairs()) params[name] = value_json(value);
  Json record = {{"schema", 1},
                 {"record", "case"},
                 {"engine", head.engine},
                 {"invocation", head.invocation},
                 {"language", "c++"},
                 {"case", which.name},
                 {"family", which.scenario->family},
                 {"workload", which.scenario->workload},
                 {"subject", which.scenario->subject},
                 {"control", which.scenario->standing == Standing::control},
                 {"params", std::move(params)},
                 {"traits", traits_json(*which.scenario, which.params)},
                 {"fork", turn.fork},
                 {"order_index", turn.order_index},
                 {"seed", turn.seed},
                 {"build", head.build},
                 {"ended", {{"how", word_of(outcome.how)}, {"value", outcome.value}}},
                 {"started_at", turn.started_at},
                 {"duration_s", outcome.seconds}};
  if (outcome.how != ChildOutcome::How::ok && !outcome.last_output.empty()) {
    record["ended"]["output"] = outcome.last_output;
  }
  if (answer.is_object()) {
    put_answer(record, answer);
  } else {
    put_end(record, outcome, which.scenario->expectation);
  }
  record["verdict"]["expectation"] = expectation_json(which.scenario->expectation);
  if (record["verdict"]["result"] == "fail") record["verdict"]["replay"] = replay;
  return record;
}

}  // namespace racetrack::host
