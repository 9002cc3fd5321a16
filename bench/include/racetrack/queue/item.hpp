// The items that pass through a queue.
#pragma once

#include <array>
#include <cstddef>
#include <cstdint>

namespace racetrack::queue {

/// A trivially copyable payload of `Bytes` bytes. The first word identifies the item: producer and sequence number,
/// never 0. The other words are copies of it, so that a mix of two items is detected as torn.
template <std::size_t Bytes>
struct Item {
  static_assert(Bytes >= 8 && Bytes % 8 == 0);
  static constexpr std::size_t kWords = Bytes / 8;

  std::array<std::uint64_t, kWords> words;

  Item() = default;  // uninitialised, as an array slot of a queue is
  explicit Item(std::uint64_t value) noexcept { words.fill(value); }

  /// Returns the identifying word.
  [[nodiscard]] std::uint64_t value() const noexcept { return words[0]; }
  /// Returns whether all words are equal. It compares all of them without a branch each, so that the compiler can
  /// compare several at once.
  [[nodiscard]] bool intact() const noexcept {
    std::uint64_t differences = 0;
    for (const std::uint64_t word : words) differences |= word ^ words[0];
    return differences == 0;
  }
};

/// The word that identifies an item: the producer in the high 16 bits, the sequence number plus 1 in the others. The
/// functions convert it; their sequence numbers begin at 0.
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

/// The lecture's None: the last item that a consumer receives.
inline constexpr std::uint64_t kSentinel = ~std::uint64_t{0};

}  // namespace racetrack::queue
