// The FILTER argument of a command.
#pragma once

#include <string>

#include "text/filter.hpp"

namespace racetrack::host {

/// Throws Failure(usage) when the text is not a regular expression.
text::Filter parse_filter(const std::string& text);

}  // namespace racetrack::host
