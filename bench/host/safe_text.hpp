// Prints text from outside (names, messages, paths).
#pragma once

#include <cstdio>
#include <string>
#include <utility>

#include <fmt/format.h>

#include "text/safe_text.hpp"

namespace racetrack::host {

using text::printable;
using text::printable_line;
using text::quoted_or_hex;
using text::refuse_name;
using text::shell_command;
using text::shell_word;

/// Prints printable(...) of the formatted text. Use it for all output with names or messages from outside.
template <class... Args>
void print_safely(std::FILE* stream, fmt::format_string<Args...> format, Args&&... args) {
  const std::string text = printable(fmt::format(format, std::forward<Args>(args)...));
  std::fwrite(text.data(), 1, text.size(), stream);
}

}  // namespace racetrack::host
