// What goes through a queue.
#pragma once

#include <array>
#include <cstddef>
#include <cstdint>

namespace racetrack::queue {

/// A trivially copyable payload of `Bytes` bytes. The first word names it: producer and sequence number, never 0. The
/// other words are copies of it, so that an item put together from two is seen to be torn.
template <std::size_t Bytes>
struct Item {
  static_assert(Bytes >= 8 && Bytes % 8 == 0);
  static constexpr std::size_t kWords = Bytes / 8;

  std::array<std::uint64_t, kWords> words;

  Item() = default;  // uninitialised, as an array slot of a queue is
  explicit Item(std::uint64_t value) noexcept { words.fill(value); }

  [[nodiscard]] std::uint64_t value() const noexcept { return words[0]; }
  [[nodiscard]] bool intact() const noexcept {
    for (const std::uint64_t word : words) {
      if (word != words[0]) return false;
    }
    return true;
  }
};

/// Values: producer in the high 16 bits, sequence from 1 in the others.
inline constexpr unsigned kSequenceBits = 48;
constexpr std::uint64_t value_of(std::size_t producer, std::uint64_t sequence) noexcept {
  return (static_cast<std::uint64_t>(producer) << kSequenceBits) | (sequence + 1);
}
constexpr std::size_t producer_of(std::uint64_t value) noexcept {
  return static_cast<std::size_t>(value >> kSequenceBits);
}
constexpr std::uint64_t sequence_of(std::uint64_t value) noexcept {
  return (value & ((std::uint64_t{1} << kSequenceBits) - 1)) - 1;
}

/// The lecture's None: the last thing a consumer is sent.
inline constexpr std::uint64_t kSentinel = ~std::uint64_t{0};

}  // namespace racetrack::queue
