// A heap at a fixed address that knows of every block whether it lives. The subject's is put back to its base between executions; the explorer
// has another for itself.
#pragma once

#include <array>
#include <cstddef>
#include <cstdint>
#include <vector>

#include "explore/world/layout.hpp"

namespace racetrack::explore {

class Arena {
 public:
  /// Of an address: what lies there.
  enum class State : std::uint8_t { never, live, freed };
  /// Of a pointer that is to be freed.
  enum class Block : std::uint8_t { live, freed, none };

  /// Memory is mapped on the first call of allocate().
  constexpr Arena(std::uintptr_t base, std::size_t addresses) noexcept
      : base_(base), addresses_(addresses), limit_(addresses) {}

  /// The blocks of now are what every later execution finds; it may add blocks of `limit` bytes. The blocks' content is the caller's to
  /// put back.
  void set_base(std::size_t limit);
  /// Bytes that an execution may add to the base.
  [[nodiscard]] std::size_t limit() const noexcept { return limit_ - begin_; }
  /// Addresses that may be used, from the beginning of all.
  [[nodiscard]] std::size_t extent() const noexcept { return limit_; }
  /// Addresses of the base, from its beginning.
  [[nodiscard]] std::size_t base_size() const noexcept { return base_states_.size() * 16; }
  /// Goes back to the base. `reuse`: freed blocks are handed out again, the last first, as allocators do (what ABA needs); otherwise
  /// never (so that every use after free is seen).
  void begin_execution(bool reuse) noexcept;

  /// Null when the arena is full. `alignment` is a power of two. The content is what was there before.
  void* allocate(std::size_t size, std::size_t alignment) noexcept;
  void release(void* block) noexcept;

  [[nodiscard]] State state(std::uintptr_t address) const noexcept {
    const std::size_t offset = address - base_;
    return offset < mapped_ ? static_cast<State>(states_[offset >> 4U]) : State::never;
  }
  [[nodiscard]] Block block(const void* pointer) const noexcept;
  [[nodiscard]] std::size_t size_of(const void* block) const noexcept { return header(block)->size; }
  [[nodiscard]] unsigned class_of(const void* block) const noexcept { return header(block)->size_class; }
  /// Will it be handed out again when it is released?
  [[nodiscard]] bool recycles(const void* block) const noexcept { return reuse_ && header(block)->offset == 1; }
  /// Was the block allocated last handed out before?
  [[nodiscard]] bool latest_was_freed() const noexcept { return latest_was_freed_; }

 private:
  struct Header {
    std::uint64_t size;
    std::uint32_t magic;
    std::uint16_t size_class;
    std::uint16_t offset;  ///< in units of 16 bytes, from the chunk's beginning to the block
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
  std::size_t limit_;               ///< of addresses that may be used
  std::uint8_t* states_ = nullptr;  ///< one per 16 bytes
  std::size_t mapped_ = 0;          ///< bytes, and of the states one for each 16
  std::size_t used_ = 0;
  bool reuse_ = true;
  bool latest_was_freed_ = false;
  std::array<std::uintptr_t, kClasses> free_{};  ///< per size class, linked through the chunks' first words

  std::size_t begin_ = 0;  ///< where executions allocate from
  std::vector<std::uint8_t> base_states_;
  bool base_changed_ = false;  ///< a block of the base was freed
};

}  // namespace racetrack::explore
