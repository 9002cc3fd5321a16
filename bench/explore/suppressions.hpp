// Findings that are not to be reported, each with a reason: the file given to --suppress.
#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

namespace racetrack::explore {

/// One call in a stack of a finding.
struct CodePlace {
  std::string function;
  std::string location;  ///< "file.cpp:12"
};
/// The stacks of a finding, innermost call first. A race has those of its two accesses, another finding those of the
/// last step of each thread.
using CodePlaces = std::vector<std::vector<CodePlace>>;

/// A line "KIND PLACE [PLACE] -- REASON". KIND is that of a finding, or "*". PLACE is a pattern in which '*' matches
/// any text. It is compared with "file.cpp:LINE" and with the function name of each call of a stack. Two places must
/// match two different stacks.
struct Suppression {
  std::string kind;
  std::vector<std::string> places;
  std::string reason;
  unsigned line = 0;        ///< in the file
  std::uint64_t times = 0;  ///< executions of one exploration that it suppressed
  std::uint64_t uses = 0;   ///< executions of all explorations of the program that it suppressed

  [[nodiscard]] bool matches(std::string_view its_kind, const CodePlaces& stacks) const;
};

/// Parses the suppressions in a text. Empty lines and lines that begin with '#' are comments. Returns nothing on an
/// error, and `error` then is a sentence that names the line.
std::optional<std::vector<Suppression>> parse_suppressions(std::string_view text, std::string& error);

/// Whether the text matches the pattern, in which '*' matches any text.
bool matches_pattern(std::string_view pattern, std::string_view text);

}  // namespace racetrack::explore
