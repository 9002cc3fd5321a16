// Virtual random devices.
#pragma once

#include <cstddef>

namespace racetrack::explore {

/// Writes random bytes that follow from the execution's schedule, and adds a note.
void draw_bytes(void* to, std::size_t size);

}  // namespace racetrack::explore
