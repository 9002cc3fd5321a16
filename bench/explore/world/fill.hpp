// The content of a heap block after its allocation, also when it is reused.
#pragma once

#include <cstdint>
#include <optional>
#include <string_view>

namespace racetrack::explore {

enum class Fill : std::uint8_t {
  pattern,  ///< kFillByte in every byte: not a valid pointer
  zero,
  random,  ///< other bytes in every execution, from its entropy
};
inline constexpr unsigned char kFillByte = 0xbe;

/// The fill with this name on the command line; nothing for an unknown name.
constexpr std::optional<Fill> fill_called(std::string_view name) noexcept {
  if (name == "pattern") return Fill::pattern;
  if (name == "zero") return Fill::zero;
  if (name == "random") return Fill::random;
  return std::nullopt;
}

}  // namespace racetrack::explore
