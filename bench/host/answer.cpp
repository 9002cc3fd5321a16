#include "host/answer.hpp"

#include <algorithm>
#include <array>
#include <string_view>
#include <utility>

namespace racetrack::host {
namespace {

using Json = nlohmann::json;
using Test = bool (*)(const Json&);

bool is_text_or_null(const Json& value) { return value.is_null() || value.is_string(); }
bool is_count(const Json& value) { return value.is_number_unsigned(); }
bool is_flag(const Json& value) { return value.is_boolean(); }
bool is_result(const Json& value) { return value == "pass" || value == "unknown" || value == "fail"; }
bool is_number_or_null(const Json& value) { return value.is_null() || value.is_number(); }

template <class Each>
bool all_of(const Json& values, Each&& each) {
  return std::all_of(values.begin(), values.end(), each);
}

bool is_witness(const Json& value) {
  return value.is_null() || (value.is_object() && value.contains("text") && value["text"].is_string());
}
bool are_numbers(const Json& value) {
  return value.is_array() && all_of(value, [](const Json& v) { return v.is_number(); });
}
bool are_metrics(const Json& value) { return value.is_object() && all_of(value, is_number_or_null); }
bool are_values(const Json& value) { return value.is_object() && all_of(value, are_numbers); }
bool is_bucket(const Json& value) { return are_numbers(value) && value.size() == 2; }
bool is_histogram(const Json& value) {
  return value.is_object() && value.size() == 3 && value.value("unit", Json()) == "ns" &&
         value.value("count", Json()).is_number_integer() && value.value("buckets", Json()).is_array() &&
         all_of(value["buckets"], is_bucket);
}
bool are_histograms(const Json& value) { return value.is_object() && all_of(value, is_histogram); }
bool is_place(const Json& value) {
  return value.is_object() && value.size() == 3 && value.value("role", Json()).is_string() &&
         is_count(value.value("thread", Json())) &&
         (value.value("cpu", Json(0)).is_null() || value.value("cpu", Json("")).is_number_integer());
}
bool is_placement(const Json& value) { return value.is_array() && all_of(value, is_place); }

struct Field {
  const char* name;
  Test is_good;
  bool required = true;
};

constexpr std::array kVerdict{Field{"result", is_result},
                              Field{"kind", is_text_or_null},
                              Field{"detector", is_text_or_null},
                              Field{"k", is_count},
                              Field{"n", is_count},
                              Field{"witness", is_witness},
                              Field{"replay", is_text_or_null}};

bool is_failure(const Json& value) {
  return value.is_null() ||
         (value.is_object() && is_count(value.value("round", Json())) && value.value("history", Json()).is_object());
}
bool is_benchmark(const Json& value) {
  return value.is_null() || (value.is_object() && value.value("benchmarks", Json()).is_array() &&
                             value.value("context", Json()).is_object() &&
                             all_of(value["benchmarks"], [](const Json& each) { return each.is_object(); }));
}
bool is_exploration(const Json& value) {
  return value.is_object() && value.value("strategies", Json()).is_array() && is_flag(value.value("complete", Json()));
}
bool is_text(const Json& value) { return value.is_string(); }
bool is_trace(const Json& value) {
  return value.is_object() && value.value("kind", Json()).is_string() && is_count(value.value("fingerprint", Json())) &&
         is_count(value.value("steps", Json()));
}

constexpr std::array kAnswer{Field{"as_expected", is_flag},
                             Field{"metrics", are_metrics},
                             Field{"values", are_values},
                             Field{"histograms", are_histograms},
                             Field{"oversubscribed", is_flag},
                             Field{"placement", is_placement},
                             Field{"benchmark", is_benchmark, false},
                             Field{"failure", is_failure, false},
                             Field{"exploration", is_exploration, false},
                             Field{"schedule", is_text, false},
                             Field{"trace", is_trace, false}};

constexpr std::array kReplayAnswer{Field{"text", is_text}, Field{"failed", is_flag}, Field{"trace", is_trace}};

template <class Fields>
std::optional<std::string> first_bad(const Json& object, const Fields& fields) {
  if (!object.is_object()) return "it is not an object";
  for (const Field& field : fields) {
    if (!object.contains(field.name)) {
      if (field.required) return std::string(field.name) + " is missing";
    } else if (!field.is_good(object[field.name])) {
      return std::string(field.name) + " has the wrong type";
    }
  }
  return std::nullopt;
}

void refuse(ChildOutcome& outcome, const std::optional<std::string>& why) {
  if (!why) return;
  outcome.how = ChildOutcome::How::unreadable;
  outcome.doubt = "the answer of the child process is unusable: " + *why;
}

}  // namespace

std::optional<std::string> error_in_answer(const Json& answer) {
  if (auto why = first_bad(answer, kAnswer)) return why;
  if (!answer.contains("verdict")) return "verdict is missing";
  const Json& verdict = answer["verdict"];
  if (const auto why = first_bad(verdict, kVerdict)) return "in verdict, " + *why;
  if (answer.contains("schedule") && !answer.contains("trace")) return "trace is missing";
  const bool failed = verdict["result"] == "fail";
  if (failed && (!verdict["kind"].is_string() || !verdict["detector"].is_string())) {
    return "its verdict is a failure without a kind or a detector";
  }
  return std::nullopt;
}

void check_answer(ChildOutcome& outcome) {
  if (outcome.how == ChildOutcome::How::ok) refuse(outcome, error_in_answer(answer_of(outcome)));
}

void check_replay_answer(ChildOutcome& outcome) {
  if (outcome.how == ChildOutcome::How::ok) refuse(outcome, first_bad(answer_of(outcome), kReplayAnswer));
}

}  // namespace racetrack::host
