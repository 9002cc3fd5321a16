// Memory for jobs that one thread creates and often another one finishes.
#pragma once

#include <array>
#include <atomic>
#include <cstddef>
#include <memory>
#include <vector>

#include <racetrack/platform.hpp>

/// Blocks of one size. Only the owner takes blocks. The owner returns a block to a private list; other threads return
/// it to a stack (Treiber 1986). The owner takes the whole stack at once, so no counter against ABA is needed. With
/// malloc, both threads would use one of its arenas for every stolen job.
class Blocks {
 public:
  static constexpr std::size_t kBytes = 64;

  Blocks() = default;
  Blocks(const Blocks&) = delete;
  Blocks& operator=(const Blocks&) = delete;
  ~Blocks() = default;

  /// Owner only.
  void* take() {
    // acquire: pairs with the release in give_back; the block's last user has finished with it.
    if (free_ == nullptr) free_ = returned_.exchange(nullptr, std::memory_order_acquire);
    if (free_ == nullptr) add_chunk();
    Block* const block = free_;
    free_ = block->next;
    return block;
  }
  /// Owner only.
  void give(void* memory) noexcept { free_ = new (memory) Block{free_}; }
  /// Any other thread.
  void give_back(void* memory) noexcept {
    auto* const block = new (memory) Block{returned_.load(std::memory_order_relaxed)};  // the exchange checks it
    // release: pairs with the acquire in take.
    while (!returned_.compare_exchange_weak(block->next, block, std::memory_order_release, std::memory_order_relaxed))
      continue;
  }

 private:
  struct Block {
    Block* next;
  };
  struct alignas(kBytes) Space {
    std::array<std::byte, kBytes> bytes;
  };
  using Chunk = std::array<Space, 64>;

  void add_chunk() {
    chunks_.push_back(std::make_unique<Chunk>());
    for (Space& space : *chunks_.back()) give(&space);
  }

  Block* free_ = nullptr;
  std::vector<std::unique_ptr<Chunk>> chunks_;
  alignas(racetrack::kApart) std::atomic<Block*> returned_{nullptr};
};
