// A heap at a fixed address that knows the state of every block. The subject's heap is restored to its base between
// executions; the explorer has another one.
#pragma once

#include <array>
#include <cstddef>
#include <cstdint>
#include <vector>

#include "explore/world/layout.hpp"

namespace racetrack::explore {

class Arena {
 public:
  /// State of the memory at an address.
  enum class State : std::uint8_t { never, live, freed };
  /// State of a pointer passed to free().
  enum class Block : std::uint8_t { live, freed, none };

  /// Maps memory on the first call of allocate().
  constexpr Arena(std::uintptr_t base, std::size_t addresses) noexcept
      : base_(base), addresses_(addresses), limit_(addresses) {}

  /// Makes the current blocks the base, with which every later execution begins. An execution may add `limit` bytes.
  /// The caller restores the content of the blocks.
  void set_base(std::size_t limit);
  /// Limit of the bytes that an execution may add to the base.
  [[nodiscard]] std::size_t limit() const noexcept { return limit_ - begin_; }
  /// Size of the usable address range, from its beginning.
  [[nodiscard]] std::size_t extent() const noexcept { return limit_; }
  /// Size of the base, from its beginning.
  [[nodiscard]] std::size_t base_size() const noexcept { return base_states_.size() * 16; }
  /// Returns to the base. `reuse`: freed blocks are reused, the latest first, as allocators do (ABA needs that).
  /// Otherwise they are never reused, so that every use after free is found.
  void begin_execution(bool reuse) noexcept;

  /// Returns null when the arena is full. `alignment` is a power of two. The content of the block is unspecified.
  void* allocate(std::size_t size, std::size_t alignment) noexcept;
  void release(void* block) noexcept;

  [[nodiscard]] State state(std::uintptr_t address) const noexcept {
    const std::size_t offset = address - base_;
    return offset < mapped_ ? static_cast<State>(states_[offset >> 4U]) : State::never;
  }
  [[nodiscard]] Block block(const void* pointer) const noexcept;
  [[nodiscard]] std::size_t size_of(const void* block) const noexcept { return header(block)->size; }
  [[nodiscard]] unsigned class_of(const void* block) const noexcept { return header(block)->size_class; }
  /// Whether the block will be reused after release().
  [[nodiscard]] bool recycles(const void* block) const noexcept { return reuse_ && header(block)->offset == 1; }
  /// Whether the latest allocated block has been reused.
  [[nodiscard]] bool latest_was_freed() const noexcept { return latest_was_freed_; }

 private:
  struct Header {
    std::uint64_t size;
    std::uint32_t magic;
    std::uint16_t size_class;
    std::uint16_t offset;  ///< in units of 16 bytes, from the beginning of the chunk to the block
  };
  static constexpr std::uint32_t kMagic = 0x6b6f6c62;
  static constexpr unsigned kClasses = 40;

  static Header* header(const void* block) noexcept {
    return reinterpret_cast<Header*>(reinterpret_cast<std::uintptr_t>(block) - sizeof(Header));
  }
  void map_up_to(std::size_t bytes);
  void mark(std::uintptr_t address, std::size_t size, State state) noexcept;

  std::uintptr_t base_;
  std::size_t addresses_;
  std::size_t limit_;               ///< size of the usable address range
  std::uint8_t* states_ = nullptr;  ///< one per 16 bytes
  std::size_t mapped_ = 0;          ///< mapped bytes of the heap; each 16 have one state
  std::size_t used_ = 0;
  bool reuse_ = true;
  bool latest_was_freed_ = false;
  std::array<std::uintptr_t, kClasses> free_{};  ///< per size class, linked through the chunks' first words

  std::size_t begin_ = 0;  ///< offset from which executions allocate
  std::vector<std::uint8_t> base_states_;
  bool base_changed_ = false;  ///< an execution has changed blocks of the base
};

}  // namespace racetrack::explore
