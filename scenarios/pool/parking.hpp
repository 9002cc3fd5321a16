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
/// who announced himself in an older one stays parked, and none of those is counted.
///
/// Invariant: of the threads that have announced themselves in the counter's epoch, those that are not back are at most the counted ones
/// and the tokens. There may be more tokens, when a sleeper that was taken off is woken by a new epoch, or withdraws before its token
/// comes: then somebody looks for work in vain.
class Parking {
 public:
  /// What a sleeper holds from announce to park or withdraw.
  using Epoch = std::uint32_t;

  [[nodiscard]] Epoch announce() noexcept {
    const std::uint32_t before = sleepers_.fetch_add(1, std::memory_order_relaxed);  // ordered by the fence
    std::atomic_thread_fence(std::memory_order_seq_cst);  // against those in wake_one and wake_all
    return epoch_of(before);
  }
  /// After announce, instead of park; does not wait. True: somebody has woken this one meanwhile, for work that may not be what it found.
  [[nodiscard]] bool withdraw(Epoch epoch) noexcept {
    std::uint32_t sleepers = sleepers_.load(std::memory_order_relaxed);
    // One of its own epoch: a sleeper of a newer one has nobody else to wake it. Relaxed: a count.
    while (epoch_of(sleepers) == epoch && count_of(sleepers) != 0) {
      if (sleepers_.compare_exchange_weak(sleepers, sleepers - 1, std::memory_order_relaxed)) return false;
    }
    // Its token is there, or is on its way. It is not waited for: this one has work in hand, and another sleeper may take the token first.
    std::uint32_t tokens = tokens_.load(std::memory_order_relaxed);
    while (epoch_of(tokens) == epoch && count_of(tokens) != 0) {
      if (tokens_.compare_exchange_weak(tokens, tokens - 1, std::memory_order_relaxed)) break;  // a count, here
    }
    return true;
  }
  /// After announce.
  void park(Epoch epoch) noexcept {
    // acquire, here and below, with the releases in wake_one and wake_all: what was made before is seen.
    std::uint32_t tokens = tokens_.load(std::memory_order_acquire);
    while (!is_newer(epoch_of(tokens), epoch)) {
      if (count_of(tokens) == 0) {
        tokens_.wait(tokens, std::memory_order_acquire);
        tokens = tokens_.load(std::memory_order_acquire);
      } else if (tokens_.compare_exchange_weak(tokens, tokens - 1, std::memory_order_acquire)) {
        return;
      }
    }
  }

  void wake_one() noexcept {
    std::atomic_thread_fence(std::memory_order_seq_cst);  // against the one in announce
    std::uint32_t sleepers = sleepers_.load(std::memory_order_relaxed);
    // Relaxed: a count. What is handed over goes through tokens_.
    do {
      if (count_of(sleepers) == 0) return;
    } while (!sleepers_.compare_exchange_weak(sleepers, sleepers - 1, std::memory_order_relaxed));
    tokens_.fetch_add(1, std::memory_order_release);  // to the acquire in park
    tokens_.notify_one();
  }
  void wake_all() noexcept {
    std::atomic_thread_fence(std::memory_order_seq_cst);  // against the one in announce
    // First the tokens: those of the old epoch are void, and only sleepers of old epochs are counted as yet, who wake without.
    // release: to the acquire in park.
    std::uint32_t tokens = tokens_.load(std::memory_order_relaxed);
    while (!tokens_.compare_exchange_weak(tokens, (epoch_of(tokens) + 1) * kOneEpoch, std::memory_order_release,
                                          std::memory_order_relaxed)) {
    }
    // Then the counter, unless another wake_all is further already. release, so that nobody announces himself in an epoch that has not
    // begun.
    const Epoch begun = epoch_of((epoch_of(tokens) + 1) * kOneEpoch);
    std::uint32_t sleepers = sleepers_.load(std::memory_order_relaxed);
    while (is_newer(begun, epoch_of(sleepers)) &&
           !sleepers_.compare_exchange_weak(sleepers, begun * kOneEpoch, std::memory_order_release,
                                            std::memory_order_relaxed)) {
    }
    tokens_.notify_all();
  }

 private:
  /// Above a count, of which there are few: one per thread. A sleeper would have to miss half a million epochs to take one for its own.
  static constexpr std::uint32_t kOneEpoch = std::uint32_t{1} << 12U;
  static Epoch epoch_of(std::uint32_t word) noexcept { return word / kOneEpoch; }
  static std::uint32_t count_of(std::uint32_t word) noexcept { return word % kOneEpoch; }
  /// Epochs wrap round.
  static bool is_newer(Epoch one, Epoch other) noexcept {
    return static_cast<std::int32_t>((one - other) * kOneEpoch) > 0;
  }

  alignas(racetrack::kApart) std::atomic<std::uint32_t> sleepers_{0};  ///< epoch and count
  alignas(racetrack::kApart) std::atomic<std::uint32_t> tokens_{0};    ///< epoch and count
};
