// Operations and memory orders as an interleaving names them.
#pragma once

#include <string_view>

#include "explore/trace/event.hpp"

namespace racetrack::explore {

std::string_view word_of(Operation operation);
/// Of a std::memory_order; empty when it is none.
std::string_view order_word(int order);

}  // namespace racetrack::explore
