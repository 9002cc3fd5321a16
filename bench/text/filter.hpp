// A filter of names.
#pragma once

#include <memory>
#include <string>

namespace re2 {
class RE2;
}

namespace racetrack::text {

/// A regular expression in RE2 syntax, which has no back references and no lookaround. Matching takes time linear in
/// the text for any expression. Copies share the compiled expression.
class Filter {
 public:
  /// An empty filter matches everything. Throws std::invalid_argument, with one line, when the text is not a regular
  /// expression or its automaton would be too large.
  explicit Filter(const std::string& text);

  /// Returns whether the expression matches a part of `name`.
  [[nodiscard]] bool matches(const std::string& name) const;

 private:
  std::shared_ptr<const re2::RE2> expression_;  ///< null: matches everything
};

}  // namespace racetrack::text
