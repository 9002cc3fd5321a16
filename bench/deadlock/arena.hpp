// Memory for the detector. It comes from the system in large pieces, is never freed, and never comes from malloc, whose
// locks the program under test may hold.
#pragma once

#include <cstddef>
#include <cstdlib>
#include <new>
#include <type_traits>

#include "deadlock/raw.hpp"

namespace racetrack::deadlock {

/// Returns `bytes` zeroed bytes, aligned to 16. Thread-safe. Ends the process when the system has no memory left.
void* arena_allocate(std::size_t bytes) noexcept;

/// Resets the lock in the child of a fork.
void arena_reset_lock() noexcept;

/// A growing array of plain values. Growing does not free the old memory. Not thread-safe. A zero-initialised array is
/// empty.
template <class T>
class Array {
  static_assert(std::is_trivially_copyable_v<T>);

 public:
  [[nodiscard]] std::size_t size() const noexcept { return size_; }
  [[nodiscard]] bool empty() const noexcept { return size_ == 0; }
  T& operator[](std::size_t index) noexcept { return data_[index]; }
  const T& operator[](std::size_t index) const noexcept { return data_[index]; }
  T& back() noexcept { return data_[size_ - 1]; }
  void push(const T& value) noexcept {
    if (size_ == capacity_) grow(capacity_ == 0 ? 16 : capacity_ * 2);
    data_[size_++] = value;
  }
  void pop() noexcept { --size_; }
  void clear() noexcept { size_ = 0; }
  void resize(std::size_t size) noexcept {
    if (size > capacity_) grow(size);
    for (std::size_t i = size_; i < size; ++i) data_[i] = T{};
    size_ = size;
  }
  T* begin() noexcept { return data_; }
  T* end() noexcept { return data_ + size_; }
  [[nodiscard]] const T* begin() const noexcept { return data_; }
  [[nodiscard]] const T* end() const noexcept { return data_ + size_; }

 private:
  void grow(std::size_t capacity) noexcept {
    T* wider = static_cast<T*>(arena_allocate(capacity * sizeof(T)));
    for (std::size_t i = 0; i < size_; ++i) wider[i] = data_[i];
    data_ = wider;
    capacity_ = capacity;
  }

  T* data_ = nullptr;
  std::size_t size_ = 0;
  std::size_t capacity_ = 0;
};

/// Mixes all bits of a number into all bits of the result (the finaliser of SplitMix64).
inline std::uint64_t mix(std::uint64_t x) noexcept {
  x ^= x >> 30;
  x *= 0xbf58476d1ce4e5b9U;
  x ^= x >> 27;
  x *= 0x94d049bb133111ebU;
  return x ^ (x >> 31);
}

/// A map from 64-bit keys (not 0, not ~0) to 32-bit values. Not thread-safe. A zero-initialised map is empty.
class HashMap {
 public:
  /// Returns a pointer to the value, or nullptr.
  [[nodiscard]] std::uint32_t* find(std::uint64_t key) noexcept;
  void set(std::uint64_t key, std::uint32_t value) noexcept;
  void erase(std::uint64_t key) noexcept;

 private:
  struct Slot {
    std::uint64_t key;  ///< 0: free, ~0: erased
    std::uint32_t value;
  };
  void rehash() noexcept;

  Array<Slot> slots_;
  Array<Slot> spare_;     ///< the previous table, reused so that repeated rehashing takes no new memory
  std::size_t used_ = 0;  ///< slots in use, including erased ones
  std::size_t live_ = 0;
};

}  // namespace racetrack::deadlock
