// Memory for jobs that are made by one thread and often end on another.
#pragma once

#include <array>
#include <atomic>
#include <cstddef>
#include <memory>
#include <vector>

#include <racetrack/platform.hpp>

/// Blocks of one size. The owner takes them; whoever is done with one gives it back, the owner to a list of its own, the others to a
/// stack (Treiber 1986) from which the owner takes all at once, so that no counter is needed against ABA. malloc would have both threads
/// in one of its arenas for every job that was stolen.
class Blocks {
 public:
  static constexpr std::size_t kBytes = 64;

  Blocks() = default;
  Blocks(const Blocks&) = delete;
  Blocks& operator=(const Blocks&) = delete;
  ~Blocks() = default;

  /// Owner only.
  void* take() {
    // acquire, with the release in give_back: whoever used a block has done with it.
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
    // release, to the acquire in take.
    while (!returned_.compare_exchange_weak(block->next, block, std::memory_order_release, std::memory_order_relaxed))
      continue;
  }

 private:
  struct Block {
    Block* next;
  };
  struct alignas(kBytes) Room {
    std::array<std::byte, kBytes> bytes;
  };
  using Chunk = std::array<Room, 64>;

  void add_chunk() {
    chunks_.push_back(std::make_unique<Chunk>());
    for (Room& room : *chunks_.back()) give(&room);
  }

  Block* free_ = nullptr;
  std::vector<std::unique_ptr<Chunk>> chunks_;
  alignas(racetrack::kApart) std::atomic<Block*> returned_{nullptr};
};
