// Operations in words, for witnesses.
#pragma once

#include <string>

#include <racetrack/history.hpp>

namespace racetrack::oracle {

/// "item 17 of producer 1": values are made of a producer (high 16 bits) and a sequence number from 1.
std::string name_of(std::uint64_t value);

/// "thread 2 popped item 17 of producer 1".
std::string describe(const Operation& operation);

}  // namespace racetrack::oracle
