// Checks that no item is lost, duplicated, invented or torn.
#pragma once

#include <racetrack/history.hpp>
#include <racetrack/verdict.hpp>

namespace racetrack::oracle {

/// Checks that the popped items of each object are exactly the pushed ones. Values pushed into one object must be
/// distinct. O(n log n). A pending operation may or may not have taken effect, and excuses what it could explain: one
/// lost item per pending pop, one "invented" item that a pending push names.
Verdict conservation(const History& history);

}  // namespace racetrack::oracle
