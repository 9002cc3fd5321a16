// Findings that are not to be reported, each with a reason: the file of --suppress.
#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

namespace racetrack::explore {

/// One call of a stack of a finding.
struct CodePlace {
  std::string function;
  std::string location;  ///< "file.cpp:12"
};
/// The stacks of a finding: of a race, its two accesses; else the last step of each thread. Innermost call first.
using CodePlaces = std::vector<std::vector<CodePlace>>;

/// A line "KIND PLACE [PLACE] -- REASON". KIND is a finding's, or "*". PLACE is a pattern in which '*' matches any text; it is compared with
/// "file.cpp:LINE" and with the name of the function, of each call of a stack. With two places, one has to match each of two stacks.
struct Suppression {
  std::string kind;
  std::vector<std::string> places;
  std::string reason;
  unsigned line = 0;        ///< in the file
  std::uint64_t times = 0;  ///< executions of an exploration whose failure it kept from being reported
  std::uint64_t uses = 0;   ///< the same of all explorations of the program

  [[nodiscard]] bool matches(std::string_view its_kind, const CodePlaces& stacks) const;
};

/// The suppressions of a text; empty lines and those that begin with '#' are comments. On an error nothing, and `error` is a sentence that
/// names the line.
std::optional<std::vector<Suppression>> parse_suppressions(std::string_view text, std::string& error);

/// Does the text match the pattern, in which '*' matches any text?
bool matches_pattern(std::string_view pattern, std::string_view text);

}  // namespace racetrack::explore
