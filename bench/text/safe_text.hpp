// Makes text from outside (names, messages, paths) safe to print and to paste.
#pragma once

#include <optional>
#include <string>
#include <string_view>
#include <vector>

namespace racetrack::text {

/// Returns `text` with U+FFFD in place of unsafe parts: bytes that are not UTF-8, control characters other than newline
/// and tab, and characters that are invisible or change the direction of the text around them.
/// reports/racetrack_report/safe_text.py has the same table.
std::string printable(std::string_view text);

/// Returns the same on one line: newlines and tabs become spaces.
std::string printable_line(std::string_view text);

/// Returns why the characters of a name are refused. Returns nullopt when each is printable and a reader can
/// distinguish the name from others.
std::optional<std::string> refuse_characters(std::string_view name);

/// Returns why a registered name, or a parameter's name or value, is refused. Returns nullopt when a reader can
/// distinguish it from other names, it has one line, and it can be part of a case's name.
std::optional<std::string> refuse_name(std::string_view name);

/// Returns `name` in quotes when it is printable, else its bytes in hexadecimal.
std::string quoted_or_hex(std::string_view name);

/// Quotes `word` so that a POSIX shell reads it back: plain, in single quotes, or through printf when it contains bytes
/// that must not reach a terminal. reports/racetrack_report/shell_words.py does the same.
std::string shell_word(std::string_view word);

/// Quotes each word with shell_word() and joins them with spaces.
std::string shell_command(const std::vector<std::string>& words);

}  // namespace racetrack::text
