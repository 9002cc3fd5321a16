// Gives the queues of atomic_queue, whose capacity is a template argument, a capacity that is chosen at run time.
#pragma once

#include <cstddef>
#include <cstdint>
#include <memory>

/// Holds a queue of one of three sizes: 64, 1024, and the 128 Ki of the library's own benchmark. Each operation costs
/// one branch, which is always taken the same way.
template <template <unsigned> class Native>
class BySize {
 public:
  static constexpr unsigned kSmall = 64, kMiddle = 1024, kLarge = 131072;

  explicit BySize(std::size_t capacity) {
    if (capacity <= kSmall) {
      small_ = std::make_unique<Native<kSmall>>();
    } else if (capacity <= kMiddle) {
      middle_ = std::make_unique<Native<kMiddle>>();
    } else {
      large_ = std::make_unique<Native<kLarge>>();
    }
  }

  /// Calls operation(queue). Always inlined, because g++ 12 otherwise makes one call per item.
  template <class Operation>
  [[gnu::always_inline]] inline decltype(auto) with(Operation&& operation) {
    if (middle_) [[likely]]
      return operation(*middle_);
    return small_ ? operation(*small_) : operation(*large_);
  }

  /// Exact: the library rounds up to a power of two, and each size is one. Requests above the largest size are refused.
  static std::uint64_t actual_capacity(std::uint64_t requested) noexcept {
    return requested <= kSmall ? kSmall : requested <= kMiddle ? kMiddle : kLarge;
  }

 private:
  std::unique_ptr<Native<kSmall>> small_;
  std::unique_ptr<Native<kMiddle>> middle_;
  std::unique_ptr<Native<kLarge>> large_;
};
