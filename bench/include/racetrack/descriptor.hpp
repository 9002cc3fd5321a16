// A file descriptor that is closed once.
#pragma once

#include <utility>

#include <unistd.h>

namespace racetrack {

class Descriptor {
 public:
  explicit Descriptor(int number = -1) noexcept : number_(number) {}
  Descriptor(Descriptor&& other) noexcept : number_(std::exchange(other.number_, -1)) {}
  Descriptor& operator=(Descriptor&& other) noexcept {
    std::swap(number_, other.number_);
    return *this;
  }
  ~Descriptor() { close(); }
  void close() noexcept {
    if (number_ >= 0) ::close(std::exchange(number_, -1));
  }
  /// -1: there is none.
  [[nodiscard]] int get() const noexcept { return number_; }

 private:
  int number_;
};

}  // namespace racetrack
