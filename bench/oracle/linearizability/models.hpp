// Sequential models: the behaviour of an object under sequential operations.
//
// apply(operation) changes the model to the state after the operation. It returns false when the operation cannot have
// this outcome in the current state; the state is then unspecified. A pending operation takes effect with any result.
#pragma once

#include <algorithm>
#include <cstddef>
#include <cstdint>
#include <string>
#include <vector>

#include <racetrack/history.hpp>

#include "oracle/describe.hpp"

namespace racetrack::oracle {

/// Mixes `value` into `seed` (the finaliser of splitmix64; Steele, Lea, Flood, OOPSLA 2014).
inline std::size_t mixed(std::size_t seed, std::uint64_t value) noexcept {
  std::uint64_t bits = seed + 0x9e3779b97f4a7c15U + value;
  bits = (bits ^ (bits >> 30U)) * 0xbf58476d1ce4e5b9U;
  bits = (bits ^ (bits >> 27U)) * 0x94d049bb133111ebU;
  return static_cast<std::size_t>(bits ^ (bits >> 31U));
}

/// A buffer with push and pop: last in, first out, or first in, first out.
template <bool kLastInFirstOut>
class Buffer {
 public:
  /// Capacity 0 means unbounded. A refusal that is not exact may happen at any time.
  explicit Buffer(std::uint64_t capacity = 0, bool empty_exact = true, bool full_exact = true)
      : capacity_(capacity), empty_exact_(empty_exact), full_exact_(full_exact) {}

  bool apply(const Operation& operation) {
    return operation.action == Action::push ? push(operation) : operation.action == Action::pop && pop(operation);
  }
  [[nodiscard]] std::size_t hash() const noexcept {
    std::size_t seed = items_.size();
    for (const std::uint64_t item : items_) seed = mixed(seed, item);
    return seed;
  }
  [[nodiscard]] std::string describe() const {
    if (items_.empty()) return "nothing inside";
    return std::to_string(items_.size()) + " inside, next out " + name_of(items_[next()]);
  }
  bool operator==(const Buffer& other) const { return items_ == other.items_; }

 private:
  [[nodiscard]] bool is_full() const { return capacity_ != 0 && items_.size() >= capacity_; }
  [[nodiscard]] std::size_t next() const { return kLastInFirstOut ? items_.size() - 1 : 0; }

  bool push(const Operation& operation) {
    if (operation.outcome == Outcome::full) return is_full() || !full_exact_;
    if (is_full()) return operation.outcome == Outcome::pending;
    items_.push_back(operation.value);
    return true;
  }
  bool pop(const Operation& operation) {
    if (operation.outcome == Outcome::empty) return items_.empty() || !empty_exact_;
    if (items_.empty()) return operation.outcome == Outcome::pending;
    const auto item = items_.begin() + static_cast<std::ptrdiff_t>(next());
    if (operation.outcome == Outcome::ok && *item != operation.value) return false;
    if (operation.outcome == Outcome::torn) return false;
    items_.erase(item);
    return true;
  }

  std::vector<std::uint64_t> items_;
  std::uint64_t capacity_;
  bool empty_exact_, full_exact_;
};

using QueueModel = Buffer<false>;
using StackModel = Buffer<true>;

/// A register with read and write, such as a Point. A torn read fits no state.
class RegisterModel {
 public:
  explicit RegisterModel(std::uint64_t initial = 0) : value_(initial) {}

  bool apply(const Operation& operation) {
    if (operation.action == Action::write) value_ = operation.value;
    if (operation.action == Action::read && operation.outcome != Outcome::pending) {
      return operation.outcome == Outcome::ok && operation.value == value_;
    }
    return operation.action == Action::write || operation.action == Action::read;
  }
  [[nodiscard]] std::size_t hash() const noexcept { return mixed(0, value_); }
  [[nodiscard]] std::string describe() const { return "value " + std::to_string(value_); }
  bool operator==(const RegisterModel&) const = default;

 private:
  std::uint64_t value_;
};

/// A lock with acquire and release in mode kExclusive or kShared; not recursive. A failed try requires a thread that
/// holds the lock in a conflicting mode.
class MutexModel {
 public:
  bool apply(const Operation& operation) {
    const bool shared = operation.value == kShared;
    if (operation.action == Action::acquire) {
      const bool is_free = !owned_ && (shared || readers_.empty());
      const bool refused = operation.outcome != Outcome::ok && operation.outcome != Outcome::pending;
      if (refused || !is_free) return refused && !is_free;
      if (shared) {
        readers_.insert(std::upper_bound(readers_.begin(), readers_.end(), operation.thread), operation.thread);
      } else {
        owned_ = true;
        owner_ = operation.thread;
      }
      return true;
    }
    if (operation.action != Action::release) return false;
    if (shared) {
      const auto reader = std::lower_bound(readers_.begin(), readers_.end(), operation.thread);
      if (reader == readers_.end() || *reader != operation.thread) return false;
      readers_.erase(reader);
      return true;
    }
    if (!owned_ || owner_ != operation.thread) return false;
    owned_ = false;
    owner_ = 0;
    return true;
  }
  [[nodiscard]] std::size_t hash() const noexcept {
    std::size_t seed = mixed(owned_ ? 1 : 0, owner_);
    for (const std::uint32_t reader : readers_) seed = mixed(seed, reader);
    return seed;
  }
  [[nodiscard]] std::string describe() const {
    if (owned_) return "held by thread " + std::to_string(owner_);
    return readers_.empty() ? "free" : "shared by " + std::to_string(readers_.size());
  }
  bool operator==(const MutexModel&) const = default;

 private:
  bool owned_ = false;
  std::uint32_t owner_ = 0;
  std::vector<std::uint32_t> readers_;
};

}  // namespace racetrack::oracle
