#include "oracle/expectation.hpp"

namespace racetrack::oracle {
namespace {

bool matches(std::string_view pattern, std::string_view text) {
  if (pattern.ends_with('*')) return text.starts_with(pattern.substr(0, pattern.size() - 1));
  return pattern == text;
}

}  // namespace

Grade grade_of(const Expectation& expectation, std::string_view detector, std::string_view kind) {
  for (const Expected& expected : expectation) {
    if (matches(expected.detector, detector) && matches(expected.kind, kind)) return expected.grade;
  }
  return Grade::never;
}

bool as_expected(const Expectation& expectation, const Verdict& verdict) {
  return verdict.result != Result::fail || grade_of(expectation, verdict.detector, verdict.kind) != Grade::never;
}

}  // namespace racetrack::oracle
