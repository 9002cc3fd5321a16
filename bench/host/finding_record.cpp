#include "host/finding_record.hpp"

#include <filesystem>
#include <string>

#include <fmt/format.h>

#include "oracle/expectation.hpp"
#include "oracle/verdict_json.hpp"
#include "symbols/symboliser.hpp"

namespace racetrack::host {
namespace {

using Json = nlohmann::json;

Json stack_json(const Json& frames) {
  Json stack = Json::array();
  for (const Json& frame : frames) {
    const int line = frame.value("line", 0);
    stack.push_back({{"function", frame.value("function", "")},
                     {"file", std::filesystem::path(frame.value("file", "")).lexically_normal().string()},
                     {"line", line > 0 ? Json(line) : Json()},
                     {"module", frame.value("module", "")}});
  }
  return stack;
}

std::string name_of(const Json& thread) {
  const std::string name = thread.value("thread_name", "");
  return fmt::format("thread {}{}", thread.value("thread", 0), name.empty() ? "" : " (" + name + ")");
}

Json lock_json(const Json& lock) {
  const std::string name = lock.value("name", "");
  return {{"name", name.empty() ? lock.value("address", "") : name},
          {"kind", lock.value("kind", "")},
          {"stack", stack_json(lock.at("stack"))}};
}

std::string action_of(const Json& thread, const std::string& kind) {
  const Json& wants = thread.at("wants");
  if (!wants.is_object()) return "holds the lock";
  const std::string lock = wants.value("kind", "");
  if (kind == "misuse") return "releases a " + lock;
  if (kind == "potential_deadlock") return "takes a " + lock;
  return lock == "join" ? "waits for the end of a thread" : "waits for a " + lock;
}

/// Returns the JSON of a thread. `next`: the following thread in the cycle.
Json thread_json(const Json& thread, const Json& next, const std::string& kind) {
  const Json& wants = thread.at("wants");
  Json wanted = wants.is_object() ? lock_json(wants) : Json();
  if (wanted.is_object() && wanted["kind"] == "join") wanted["name"] = kind == "deadlock" ? name_of(next) : "";
  Json holds = Json::array();
  for (const Json& lock : thread.at("holds")) holds.push_back(lock_json(lock));
  return {{"name", name_of(thread)},
          {"what", action_of(thread, kind)},
          {"stack", wants.is_object() ? stack_json(wants.at("stack")) : Json::array()},
          {"created", Json::array()},
          {"wants", std::move(wanted)},
          {"holds", std::move(holds)}};
}

/// Returns the place of a thread in the program: the innermost frame with a source line outside library headers, else
/// the innermost frame with a function name.
std::string place_of(const Json& thread) {
  const Json& wants = thread.at("wants");
  if (!wants.is_object()) return "";
  std::string named;
  for (const Json& frame : wants.at("stack")) {
    const std::string function = frame.value("function", ""), file = frame.value("file", "");
    if (!file.empty() && !symbols::is_library_header(file)) {
      return fmt::format("{}:{}", std::filesystem::path(file).filename().string(), frame.value("line", 0));
    }
    if (named.empty()) named = function;
  }
  return named;
}

/// Returns a title that is equal for the same finding in all child processes: without addresses and thread numbers.
std::string title_of(const DeadlockFinding& finding) {
  std::string title;
  for (const Json& thread : finding.json.at("cycle")) {
    const std::string place = place_of(thread);
    title += (title.empty() ? "" : "; ") + action_of(thread, finding.kind) + (place.empty() ? "" : " at " + place);
  }
  return title.empty() ? finding.kind : title;
}

}  // namespace

Json finding_record(const RecordHead& head, const Turn& turn, const DeadlockFinding& finding) {
  const Scenario& scenario = *turn.which->scenario;
  const Grade grade = oracle::grade_of(scenario.expectation, "lock_graph", finding.kind);
  Json threads = Json::array();
  const Json& cycle = finding.json.at("cycle");
  for (std::size_t i = 0; i < cycle.size(); ++i) {
    threads.push_back(thread_json(cycle[i], cycle[(i + 1) % cycle.size()], finding.kind));
  }
  return {{"schema", 1},
          {"record", "finding"},
          {"engine", head.engine},
          {"invocation", head.invocation},
          {"case", turn.which->name},
          {"family", scenario.family},
          {"workload", scenario.workload},
          {"subject", scenario.subject},
          {"control", scenario.standing == Standing::control},
          {"detector", "lock_graph"},
          {"kind", finding.kind},
          {"result", "fail"},
          {"k", 1},
          {"n", 1},
          {"grade", oracle::to_word(grade)},
          {"as_expected", grade != Grade::never},
          {"title", title_of(finding)},
          {"text", finding.text},
          {"threads", std::move(threads)},
          {"location", nullptr},
          {"started_at", turn.started_at}};
}

}  // namespace racetrack::host
