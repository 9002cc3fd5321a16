// The memory model of an exploration.
#pragma once

#include <cstdint>
#include <optional>
#include <string_view>

namespace racetrack::explore {

enum class Memory : std::uint8_t {
  sequential,  ///< every load reads the latest store
  weak,        ///< a load may read any store that C++ allows within the limits of this model
};

/// The name on the command line and in records.
constexpr std::string_view name_of(Memory memory) noexcept { return memory == Memory::weak ? "weak" : "sc"; }
constexpr std::optional<Memory> memory_called(std::string_view name) noexcept {
  if (name == name_of(Memory::sequential)) return Memory::sequential;
  if (name == name_of(Memory::weak)) return Memory::weak;
  return std::nullopt;
}

}  // namespace racetrack::explore
