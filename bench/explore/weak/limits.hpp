// Describes for the user which behaviour a memory model leaves out.
#pragma once

#include <string>

#include "explore/weak/memory_mode.hpp"

namespace racetrack::explore {

/// Returns one line; empty for sequential consistency, which leaves out weak memory as a whole.
std::string limits_of(Memory memory);

}  // namespace racetrack::explore
