// Memory that a process shares with the processes that it starts.
#pragma once

#include <cerrno>
#include <cstddef>
#include <system_error>
#include <type_traits>
#include <utility>

#include <sys/mman.h>
#include <unistd.h>

namespace racetrack {

/// Zeroed anonymous shared memory. The kernel frees it when the last process that maps it has ended, however that
/// process ends. Forked children share it; another program maps it through the descriptor, which remains open across
/// exec.
class SharedMemory {
 public:
  /// Throws std::system_error when the system cannot provide the memory.
  explicit SharedMemory(std::size_t bytes) : bytes_(bytes), descriptor_(memfd_create("racetrack", 0)) {
    if (descriptor_ < 0) fail();
    if (ftruncate(descriptor_, static_cast<off_t>(bytes)) != 0) fail();
    address_ = mmap(nullptr, bytes, PROT_READ | PROT_WRITE, MAP_SHARED, descriptor_, 0);
    if (address_ == MAP_FAILED) fail();
  }
  SharedMemory(const SharedMemory&) = delete;
  SharedMemory& operator=(const SharedMemory&) = delete;
  ~SharedMemory() {
    munmap(address_, bytes_);
    close(descriptor_);
  }

  /// Returns the address of the memory in this process.
  [[nodiscard]] void* address() const noexcept { return address_; }
  /// Returns the descriptor to map the memory from. This object owns it.
  [[nodiscard]] int descriptor() const noexcept { return descriptor_; }

 private:
  [[noreturn]] void fail() const {
    const int error = errno;
    if (descriptor_ >= 0) close(descriptor_);
    throw std::system_error(error, std::generic_category(), "cannot make shared memory");
  }

  std::size_t bytes_;
  int descriptor_;
  void* address_ = nullptr;
};

/// `count` value-initialised objects in their own shared memory. They are not destroyed, because the processes do not
/// agree on a time for it.
template <class T>
class Shared {
  static_assert(std::is_trivially_destructible_v<T>);

 public:
  explicit Shared(std::size_t count = 1) : memory_(count * sizeof(T)) {
    for (std::size_t i = 0; i < count; ++i) ::new (static_cast<void*>(first() + i)) T();
  }

  [[nodiscard]] T& operator[](std::size_t i) const noexcept { return first()[i]; }
  [[nodiscard]] T* operator->() const noexcept { return first(); }
  [[nodiscard]] T& operator*() const noexcept { return *first(); }
  /// Returns the descriptor to map the objects from.
  [[nodiscard]] int descriptor() const noexcept { return memory_.descriptor(); }

 private:
  [[nodiscard]] T* first() const noexcept { return static_cast<T*>(memory_.address()); }

  SharedMemory memory_;
};

}  // namespace racetrack
