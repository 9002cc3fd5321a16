// Names of operations and memory orders in an interleaving.
#pragma once

#include <string_view>

#include "explore/trace/event.hpp"

namespace racetrack::explore {

std::string_view operation_name(Operation operation);
/// The name of a std::memory_order; empty for other values.
std::string_view memory_order_name(int order);

}  // namespace racetrack::explore
