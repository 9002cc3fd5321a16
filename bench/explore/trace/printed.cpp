#include "explore/trace/printed.hpp"

#include <algorithm>
#include <array>
#include <cstdio>

namespace racetrack::explore {
namespace {

constexpr std::size_t kMostLines = 20;
constexpr std::size_t kLongestLine = 200;

/// Escapes control characters, so that a terminal does not interpret them.
std::string escaped(std::string_view line) {
  std::string text;
  for (const char letter : line.substr(0, kLongestLine)) {
    const auto code = static_cast<unsigned char>(letter);
    if (code >= 0x20 && code != 0x7f) {
      text += letter;
    } else {
      std::array<char, 8> hexadecimal{};
      std::snprintf(hexadecimal.data(), hexadecimal.size(), "\\x%02x", code);
      text += hexadecimal.data();
    }
  }
  return line.size() > kLongestLine ? text + " ..." : text;
}

}  // namespace

std::string show_printed(std::string_view text) {
  if (text.ends_with('\n')) text.remove_suffix(1);
  if (text.empty()) return "";
  const auto lines = static_cast<std::size_t>(std::count(text.begin(), text.end(), '\n')) + 1;
  std::string shown = "    printed by this execution:\n";
  std::size_t skipped = 0;
  for (; lines - skipped > kMostLines; ++skipped) text.remove_prefix(text.find('\n') + 1);
  if (skipped != 0) shown += "      (" + std::to_string(skipped) + " lines before)\n";
  while (!text.empty()) {
    const std::string_view line = text.substr(0, text.find('\n'));
    shown += "      " + escaped(line) + "\n";
    text.remove_prefix(std::min(text.size(), line.size() + 1));
  }
  return shown;
}

}  // namespace racetrack::explore
