// Where workers sleep while there is nothing to do.
#pragma once

#include <atomic>
#include <cstdint>

#include <racetrack/platform.hpp>

/// A counter of sleepers in front of a semaphore (Haiku's benaphore, turned round): who wakes takes a sleeper off the counter first, so
/// that two who wake at the same time wake two, and nobody pays for a sleeper that is already on its way.
///
/// A sleeper announces itself, looks for work once more, and parks, or withdraws when it finds some. Who makes work calls wake_one
/// after it. Each has a seq_cst fence between its write and its look at the other's, so one of them sees the other (Dekker): no
/// wake-up is lost. The fences order what is looked at and publish nothing.
///
/// Tokens are anybody's: one that is meant for a sleeper may be taken by another who parks before it has woken. For work that is as good.
/// Who waits for an end (of a group, of the pool) would sleep on. So wake_all gives no tokens but begins a new epoch, in which nobody
/// who announced himself in an older one stays parked.
///
/// Invariant: threads that have announced themselves in this epoch and are not back are at most sleepers_ plus tokens. There may be
/// more of those, left by a sleeper that a new epoch woke: then somebody looks for work in vain.
class Parking {
 public:
  /// What a sleeper holds from announce to park or withdraw.
  using Epoch = std::uint32_t;

  [[nodiscard]] Epoch announce() noexcept {
    // Before the counter: a wake_all that does not count this sleeper has not begun the epoch that it reads. acquire keeps them in
    // this order.
    const Epoch epoch = epoch_of(state_.load(std::memory_order_acquire));
    sleepers_.fetch_add(1, std::memory_order_relaxed);    // ordered by the fence
    std::atomic_thread_fence(std::memory_order_seq_cst);  // against the one in wake_one
    return epoch;
  }
  /// After announce, instead of park. True: somebody has woken this one meanwhile, for work that may not be what it found.
  [[nodiscard]] bool withdraw(Epoch epoch) noexcept {
    if (take_sleeper()) return false;
    park(epoch);  // does not sleep long: the token or the epoch is on its way
    return true;
  }
  /// After announce.
  void park(Epoch epoch) noexcept {
    // acquire, here and below, with the releases in wake_one and wake_all: what was made before is seen.
    std::uint32_t state = state_.load(std::memory_order_acquire);
    while (epoch_of(state) == epoch) {
      if (tokens_in(state) == 0) {
        state_.wait(state, std::memory_order_acquire);
        state = state_.load(std::memory_order_acquire);
      } else if (state_.compare_exchange_weak(state, state - 1, std::memory_order_acquire)) {
        return;
      }
    }
  }

  void wake_one() noexcept {
    std::atomic_thread_fence(std::memory_order_seq_cst);  // against the one in announce
    if (!take_sleeper()) return;
    state_.fetch_add(1, std::memory_order_release);  // a token; to the acquire in park
    state_.notify_one();
  }
  void wake_all() noexcept {
    std::atomic_thread_fence(std::memory_order_seq_cst);  // against the one in announce
    sleepers_.store(0, std::memory_order_relaxed);        // a count; what is handed over goes through state_
    std::uint32_t state = state_.load(std::memory_order_relaxed);
    // Tokens of the old epoch are void: their sleepers wake without. release: to the acquire in park.
    while (!state_.compare_exchange_weak(state, (epoch_of(state) + 1) * kOneEpoch, std::memory_order_release,
                                         std::memory_order_relaxed)) {
    }
    state_.notify_all();
  }

 private:
  /// Above the tokens, of which there are few: one per thread. A sleeper would have to miss a million epochs to take one for its own.
  static constexpr std::uint32_t kOneEpoch = std::uint32_t{1} << 12U;
  static Epoch epoch_of(std::uint32_t state) noexcept { return state / kOneEpoch; }
  static std::uint32_t tokens_in(std::uint32_t state) noexcept { return state % kOneEpoch; }

  bool take_sleeper() noexcept {
    std::uint32_t sleepers = sleepers_.load(std::memory_order_relaxed);
    // Relaxed: a count. What is handed over goes through state_.
    while (sleepers != 0) {
      if (sleepers_.compare_exchange_weak(sleepers, sleepers - 1, std::memory_order_relaxed)) return true;
    }
    return false;
  }

  alignas(racetrack::kApart) std::atomic<std::uint32_t> sleepers_{0};
  alignas(racetrack::kApart) std::atomic<std::uint32_t> state_{0};  ///< epoch and tokens
};
