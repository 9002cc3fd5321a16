// Numbers from random devices.
#pragma once

#include <cstddef>

namespace racetrack::explore {

/// Writes random bytes that belong to the execution's schedule. The verdict says that the subject draws.
void draw_bytes(void* to, std::size_t size);

}  // namespace racetrack::explore
