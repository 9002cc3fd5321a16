// Formats the output of a failing execution for the user.
#pragma once

#include <string>
#include <string_view>

namespace racetrack::explore {

/// The last lines, indented, below a heading; empty when nothing was printed. Control characters are shown as \\x1b.
std::string show_printed(std::string_view text);

}  // namespace racetrack::explore
