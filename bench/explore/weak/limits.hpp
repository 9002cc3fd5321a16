// What a memory model leaves out, for whoever reads a verdict.
#pragma once

#include <string>

#include "explore/weak/memory_mode.hpp"

namespace racetrack::explore {

/// One line; empty for sequential consistency, where what is left out is weak memory.
std::string limits_of(Memory memory);

}  // namespace racetrack::explore
