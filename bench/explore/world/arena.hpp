// The subject's heap: at a fixed address, emptied between executions, and it knows of every block whether it lives.
#pragma once

#include <array>
#include <cstddef>
#include <cstdint>

#include "explore/world/layout.hpp"

namespace racetrack::explore {

class Arena {
 public:
  /// Of an address: what lies there.
  enum class State : std::uint8_t { never, live, freed };
  /// Of a pointer that is to be freed.
  enum class Block : std::uint8_t { live, freed, none };

  void prepare();
  /// Empties the heap. `reuse`: freed blocks are handed out again, the last first, as allocators do (what ABA needs); otherwise
  /// never (so that every use after free is seen).
  void begin_execution(bool reuse) noexcept;

  /// Null when the arena is full. `alignment` is a power of two.
  void* allocate(std::size_t size, std::size_t alignment) noexcept;
  void release(void* block) noexcept;

  [[nodiscard]] State state(std::uintptr_t address) const noexcept {
    return static_cast<State>(states_[(address - kWorldBase) >> 4U]);
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
    std::uint64_t magic;
    std::uint32_t size;
    std::uint16_t size_class;
    std::uint16_t offset;  ///< in units of 16 bytes, from the chunk's beginning to the block
  };
  static constexpr std::uint64_t kMagic = 0x6b6f6c62'65636172;
  static constexpr unsigned kClasses = 24;

  static Header* header(const void* block) noexcept {
    return reinterpret_cast<Header*>(reinterpret_cast<std::uintptr_t>(block) - sizeof(Header));
  }
  void mark(std::uintptr_t address, std::size_t size, State state) noexcept;

  std::uint8_t* states_ = nullptr;  ///< one per 16 bytes
  std::size_t used_ = 0;
  bool reuse_ = true;
  bool latest_was_freed_ = false;
  std::array<std::uintptr_t, kClasses> free_{};  ///< per size class, linked through the chunks' first words
};

}  // namespace racetrack::explore
