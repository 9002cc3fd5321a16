// thread_local variables of the subject: set back to their initial values before each execution.
#pragma once

#include <cstddef>
#include <cstdint>
#include <vector>

namespace racetrack::explore {

/// One module's block of one thread.
struct StorageBlock {
  void* address;
  const void* image;
  std::size_t image_size, size;
};

/// The calling thread's blocks of all modules.
/// Has the loader allocate them, so that it does not do so in the middle of an execution.
std::vector<StorageBlock> storage_blocks_of_this_thread();
/// Bytes of the storage that lies right below a thread's control block.
std::size_t static_storage_size();

inline void reset(const StorageBlock& block) {
  __builtin_memcpy(block.address, block.image, block.image_size);
  __builtin_memset(static_cast<char*>(block.address) + block.image_size, 0, block.size - block.image_size);
}

}  // namespace racetrack::explore
