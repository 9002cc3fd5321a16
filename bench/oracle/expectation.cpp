#include "oracle/expectation.hpp"

#include <algorithm>

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

const Expected* missed_must(const Expectation& expectation, const std::vector<std::string>& detectors,
                            const std::vector<Verdict>& seen, std::uint32_t runs) {
  for (const Expected& expected : expectation) {
    if (expected.grade != Grade::must || expected.per_runs > runs) continue;
    const bool present = std::any_of(detectors.begin(), detectors.end(), [&](const std::string& detector) {
      return matches(detector, expected.detector) || matches(expected.detector, detector);
    });
    const bool fulfilled = std::any_of(seen.begin(), seen.end(), [&](const Verdict& verdict) {
      return matches(expected.detector, verdict.detector) && matches(expected.kind, verdict.kind);
    });
    if (present && !fulfilled) return &expected;
  }
  return nullptr;
}

bool as_expected(const Expectation& expectation, const Verdict& verdict) {
  if (verdict.result == Result::pass) return true;
  if (verdict.result == Result::unknown && verdict.kind.empty()) return false;
  return grade_of(expectation, verdict.detector, verdict.kind) != Grade::never;
}

}  // namespace racetrack::oracle
