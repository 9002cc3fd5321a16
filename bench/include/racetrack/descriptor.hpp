// A file descriptor that closes itself.
#pragma once

#include <utility>

#include <unistd.h>

namespace racetrack {

/// Owns a file descriptor and closes it at most once. Movable, not copyable. Not thread-safe.
class Descriptor {
 public:
  explicit Descriptor(int number = -1) noexcept : number_(number) {}
  Descriptor(Descriptor&& other) noexcept : number_(std::exchange(other.number_, -1)) {}
  Descriptor& operator=(Descriptor&& other) noexcept {
    std::swap(number_, other.number_);
    return *this;
  }
  ~Descriptor() { close(); }
  /// Closes the descriptor, if any.
  void close() noexcept {
    if (number_ >= 0) ::close(std::exchange(number_, -1));
  }
  /// Returns the descriptor, or -1 when this object owns none.
  [[nodiscard]] int get() const noexcept { return number_; }

 private:
  int number_;
};

}  // namespace racetrack
