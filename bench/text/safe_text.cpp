#include "text/safe_text.hpp"

#include <algorithm>
#include <array>
#include <cstddef>
#include <cstdint>
#include <cstdio>

namespace racetrack::text {
namespace {

constexpr std::string_view kReplacement = "\xef\xbf\xbd";  // U+FFFD
/// In bytes. A case's name consists of several names, and file names contain it.
constexpr std::size_t kLongestName = 120;

struct Range {
  char32_t first, last;
};

// Control characters, spaces that look like others, characters that Unicode lists as default-ignorable or as format
// characters, and characters that do not occur in text.
constexpr std::array kUnsafe{
    Range{0x0000, 0x001f},   Range{0x007f, 0x00a0}, Range{0x00ad, 0x00ad},   Range{0x034f, 0x034f},
    Range{0x061c, 0x061c},   Range{0x115f, 0x1160}, Range{0x1680, 0x1680},   Range{0x17b4, 0x17b5},
    Range{0x180b, 0x180f},   Range{0x2000, 0x200f}, Range{0x2028, 0x202f},   Range{0x205f, 0x206f},
    Range{0x2800, 0x2800},   Range{0x3000, 0x3000}, Range{0x3164, 0x3164},   Range{0xd800, 0xdfff},
    Range{0xfdd0, 0xfdef},   Range{0xfe00, 0xfe0f}, Range{0xfeff, 0xfeff},   Range{0xffa0, 0xffa0},
    Range{0xfff0, 0xfffb},   Range{0xfffe, 0xffff}, Range{0x1bca0, 0x1bca3}, Range{0x1d173, 0x1d17a},
    Range{0xe0000, 0x10ffff}};

bool is_unsafe(char32_t point) {
  return std::any_of(kUnsafe.begin(), kUnsafe.end(),
                     [point](const Range& range) { return range.first <= point && point <= range.last; });
}

/// Returns whether `point` is a combining mark: with the letter before it, it looks like a single composed character.
bool is_combining(char32_t point) {
  constexpr std::array kMarks{Range{0x0300, 0x036f}, Range{0x1ab0, 0x1aff}, Range{0x1dc0, 0x1dff},
                              Range{0x20d0, 0x20ff}, Range{0x3099, 0x309a}, Range{0xfe20, 0xfe2f}};
  return std::any_of(kMarks.begin(), kMarks.end(),
                     [point](const Range& range) { return range.first <= point && point <= range.last; });
}

struct Decoded {
  std::size_t bytes = 1;
  std::optional<char32_t> point;  ///< nullopt: a byte that is not UTF-8
};

/// Decodes the first character of `text`, which is not empty.
Decoded decode(std::string_view text) {
  const auto byte = [text](std::size_t i) { return static_cast<unsigned char>(text[i]); };
  const unsigned char first = byte(0);
  if (first < 0x80) return {1, first};
  const std::size_t length = first >= 0xf0 && first < 0xf5   ? 4
                             : first >= 0xe0 && first < 0xf0 ? 3
                             : first >= 0xc2 && first < 0xe0 ? 2
                                                             : 0;
  if (length == 0 || text.size() < length) return {};
  char32_t point = first & (0xffU >> (length + 1));
  for (std::size_t i = 1; i < length; ++i) {
    if ((byte(i) & 0xc0U) != 0x80) return {};
    point = (point << 6U) | (byte(i) & 0x3fU);
  }
  constexpr std::array<char32_t, 5> kLeast{0, 0, 0x80, 0x800, 0x10000};
  if (point < kLeast[length] || point > 0x10ffff || (point >= 0xd800 && point <= 0xdfff)) return {};
  return {length, point};
}

/// Calls visit(bytes, code point or nullopt) for each character until visit returns false. Returns whether all were
/// visited.
template <class Visit>
bool each_character(std::string_view text, Visit&& visit) {
  while (!text.empty()) {
    const Decoded next = decode(text);
    if (!visit(text.substr(0, next.bytes), next.point)) return false;
    text.remove_prefix(next.bytes);
  }
  return true;
}

bool is_printable_line(std::string_view text) {
  return each_character(text,
                        [](std::string_view, std::optional<char32_t> point) { return point && !is_unsafe(*point); });
}

/// Formats `value` with snprintf.
template <class Value>
std::string formatted(const char* format, Value value) {
  std::array<char, 32> text{};
  std::snprintf(text.data(), text.size(), format, value);
  return text.data();
}

std::string code_point(char32_t point) { return formatted("U+%04X", static_cast<unsigned>(point)); }

/// Encodes `text` as a format of printf: bytes other than plain characters in octal. '-' too, because a leading one
/// would be an option.
std::string octal(std::string_view text) {
  std::string result;
  for (const char c : text) {
    const bool plain = (c >= '0' && c <= '9') || (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') ||
                       std::string_view("_+=:,./@ ").find(c) != std::string_view::npos;
    result += c == '%' ? "%%"
              : plain  ? std::string(1, c)
                       : formatted("\\%03o", static_cast<unsigned>(static_cast<unsigned char>(c)));
  }
  return result;
}

std::string in_single_quotes(std::string_view word) {
  std::string text = "'";
  for (const char c : word) text += c == '\'' ? std::string("'\\''") : std::string(1, c);
  return text + "'";
}

}  // namespace

std::string printable(std::string_view text) {
  std::string result;
  result.reserve(text.size());
  each_character(text, [&](std::string_view bytes, std::optional<char32_t> point) {
    const bool layout = point == U'\n' || point == U'\t';
    result += layout || (point && !is_unsafe(*point)) ? bytes : kReplacement;
    return true;
  });
  return result;
}

std::string printable_line(std::string_view text) {
  std::string result = printable(text);
  std::replace_if(
      result.begin(), result.end(), [](char c) { return c == '\n' || c == '\t'; }, ' ');
  return result;
}

std::optional<std::string> refuse_characters(std::string_view name) {
  std::optional<std::string> why;
  each_character(name, [&why](std::string_view, std::optional<char32_t> point) {
    if (!point) {
      why = "it is not UTF-8";
    } else if (is_unsafe(*point)) {
      why = "it has the character " + code_point(*point) + ", which is not printable";
    } else if (is_combining(*point)) {
      why = "it has the combining mark " + code_point(*point) + ": use the composed letter";
    }
    return !why;
  });
  return why;
}

std::optional<std::string> refuse_name(std::string_view name) {
  if (name.empty()) return "it is empty";
  if (name.size() > kLongestName) return "it has more than " + std::to_string(kLongestName) + " bytes";
  if (name.front() == ' ' || name.back() == ' ' || name.find("  ") != std::string_view::npos) {
    return "it begins or ends with a space, or has two in a row";
  }
  if (name.find('/') != std::string_view::npos) return "it has a '/', which separates the parts of a case's name";
  return refuse_characters(name);
}

std::string quoted_or_hex(std::string_view name) {
  const auto is_plain = [](std::string_view, std::optional<char32_t> point) { return point && !is_combining(*point); };
  if (is_printable_line(name) && each_character(name, is_plain)) return "'" + std::string(name) + "'";
  std::string text = "0x";
  for (const char c : name) text += formatted("%02x", static_cast<unsigned>(static_cast<unsigned char>(c)));
  return text;
}

std::string shell_word(std::string_view word) {
  constexpr std::string_view kPlain = "abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789_-+=:,./@%";
  if (!word.empty() && word.front() != '=' && word.find_first_not_of(kPlain) == std::string_view::npos) {
    return std::string(word);
  }
  if (is_printable_line(word)) return in_single_quotes(word);
  // The shell removes newlines at the end of a command's output.
  const std::size_t end = word.find_last_not_of('\n') + 1;
  const std::string newlines(word.substr(end));
  return "\"$(printf '" + octal(word.substr(0, end)) + "')\"" + (newlines.empty() ? "" : in_single_quotes(newlines));
}

std::string shell_command(const std::vector<std::string>& words) {
  std::string text;
  for (const std::string& word : words) text += (text.empty() ? "" : " ") + shell_word(word);
  return text;
}

}  // namespace racetrack::text
