#include "explore/suppressions.hpp"

#include <algorithm>
#include <cstddef>

namespace racetrack::explore {
namespace {

bool matches_stack(const std::string& pattern, const std::vector<CodePlace>& stack) {
  return std::any_of(stack.begin(), stack.end(), [&](const CodePlace& call) {
    return matches_pattern(pattern, call.location) || matches_pattern(pattern, call.function);
  });
}

std::vector<std::string> split(std::string_view text) {
  std::vector<std::string> fields;
  for (std::size_t at = 0; at < text.size();) {
    const std::size_t begin = text.find_first_not_of(" \t\r", at);
    if (begin == std::string_view::npos) break;
    at = std::min(text.find_first_of(" \t\r", begin), text.size());
    fields.emplace_back(text.substr(begin, at - begin));
  }
  return fields;
}

}  // namespace

bool matches_pattern(std::string_view pattern, std::string_view text) {
  std::size_t at = 0, from = 0, star = std::string_view::npos, kept = 0;
  while (from < text.size()) {
    if (at < pattern.size() && pattern[at] == '*') {
      star = at++;
      kept = from;
    } else if (at < pattern.size() && pattern[at] == text[from]) {
      ++at;
      ++from;
    } else if (star != std::string_view::npos) {
      at = star + 1;
      from = ++kept;
    } else {
      return false;
    }
  }
  return pattern.find_first_not_of('*', at) == std::string_view::npos;
}

bool Suppression::matches(std::string_view its_kind, const CodePlaces& stacks) const {
  if (kind != "*" && kind != its_kind) return false;
  const auto some = [&](const std::string& place) {
    return std::any_of(stacks.begin(), stacks.end(), [&](const auto& stack) { return matches_stack(place, stack); });
  };
  if (places.size() == 1) return some(places.front());
  for (std::size_t i = 0; i < stacks.size(); ++i) {
    for (std::size_t j = 0; j < stacks.size(); ++j) {
      if (i != j && matches_stack(places[0], stacks[i]) && matches_stack(places[1], stacks[j])) return true;
    }
  }
  return false;
}

std::optional<std::vector<Suppression>> parse_suppressions(std::string_view text, std::string& error) {
  std::vector<Suppression> suppressions;
  unsigned number = 0;
  for (std::size_t begin = 0; begin < text.size();) {
    const std::size_t end = std::min(text.find('\n', begin), text.size());
    const std::string_view line = text.substr(begin, end - begin);
    begin = end + 1;
    ++number;
    const std::size_t dash = line.find(" -- ");
    std::vector<std::string> fields = split(line.substr(0, dash));
    if (fields.empty() || fields.front().starts_with('#')) continue;
    const std::vector<std::string> reason =
        dash == std::string_view::npos ? std::vector<std::string>{} : split(line.substr(dash + 4));
    if (reason.empty()) {
      error = "line " + std::to_string(number) + " has no reason: write KIND PLACE [PLACE] -- REASON";
      return std::nullopt;
    }
    if (fields.size() < 2 || fields.size() > 3) {
      error = "line " + std::to_string(number) + " names no place or too many: write KIND PLACE [PLACE] -- REASON";
      return std::nullopt;
    }
    Suppression made;
    made.kind = fields.front();
    made.places.assign(fields.begin() + 1, fields.end());
    made.line = number;
    for (const std::string& field : reason) made.reason += (made.reason.empty() ? "" : " ") + field;
    suppressions.push_back(std::move(made));
  }
  return suppressions;
}

}  // namespace racetrack::explore
