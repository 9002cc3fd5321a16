// thread_local variables of the subject. They get their initial values before each execution.
#pragma once

#include <cstddef>
#include <cstdint>
#include <vector>

namespace racetrack::explore {

/// The thread-local storage of one module in one thread.
struct StorageBlock {
  void* address;
  const void* image;
  std::size_t image_size, size;
};

/// The storage blocks of all modules in the calling thread. Makes the loader allocate them now, not in the middle of an
/// execution.
std::vector<StorageBlock> storage_blocks_of_this_thread();
/// Upper limit of the bytes of static storage right below a thread's control block.
std::size_t static_storage_size();

inline void reset(const StorageBlock& block) {
  __builtin_memcpy(block.address, block.image, block.image_size);
  __builtin_memset(static_cast<char*>(block.address) + block.image_size, 0, block.size - block.image_size);
}

}  // namespace racetrack::explore
