// The content of a heap block when it is allocated, first or again.
#pragma once

#include <cstdint>
#include <optional>
#include <string_view>

namespace racetrack::explore {

enum class Fill : std::uint8_t {
  pattern,  ///< kFillByte in every byte: as a pointer it leads nowhere
  zero,
  random,  ///< other bytes in every execution; they follow from its entropy
};
inline constexpr unsigned char kFillByte = 0xbe;

/// As the command line has it; nothing for another name.
constexpr std::optional<Fill> fill_called(std::string_view name) noexcept {
  if (name == "pattern") return Fill::pattern;
  if (name == "zero") return Fill::zero;
  if (name == "random") return Fill::random;
  return std::nullopt;
}

}  // namespace racetrack::explore
