// Puts idle workers to sleep.
#pragma once

#include <atomic>
#include <cstdint>

#include <racetrack/platform.hpp>

/// A counter of sleepers in front of a semaphore (an inverted version of Haiku's benaphore). A waker first removes a
/// sleeper from the counter. So two concurrent wakers wake two sleepers, and no waker pays for a sleeper that is
/// already waking up.
///
/// A sleeper announces itself, checks for work once more, and then parks, or withdraws when it finds some. A thread
/// that creates work calls wake_one afterwards. Both have a seq_cst fence between their write and their read of the
/// other's variable, so at least one sees the other (Dekker): no wakeup is lost. The fences order only these accesses
/// and publish nothing.
///
/// A token belongs to no particular sleeper: a thread that parks later may take it before the intended sleeper has
/// woken. For work this is equivalent. But a thread that waits for an event (the end of a group, or of the pool) would
/// sleep on. So wake_all issues no tokens; it begins a new epoch. No thread that announced itself in an older epoch
/// remains parked, and none of those threads is counted.
///
/// Invariant: consider the threads that have announced themselves in the counter's epoch and have not returned. Their
/// number is at most the count plus the number of tokens. There may be more tokens: a sleeper removed from the count
/// may wake by a new epoch, or withdraw before its token arrives. Then some thread looks for work in vain.
class Parking {
 public:
  /// A sleeper holds it from announce to park or withdraw.
  using Epoch = std::uint32_t;

  [[nodiscard]] Epoch announce() noexcept {
    const std::uint32_t before = sleepers_.fetch_add(1, std::memory_order_relaxed);  // relaxed: ordered by the fence
    std::atomic_thread_fence(std::memory_order_seq_cst);  // pairs with those in wake_one and wake_all
    return epoch_of(before);
  }
  /// Call it after announce, instead of park. Does not wait. Returns true when a waker has already chosen this sleeper,
  /// possibly for other work than it has found.
  [[nodiscard]] bool withdraw(Epoch epoch) noexcept {
    std::uint32_t sleepers = sleepers_.load(std::memory_order_relaxed);
    // Only a sleeper of the same epoch: a sleeper of a newer epoch may have no other waker. relaxed: a count.
    while (epoch_of(sleepers) == epoch && count_of(sleepers) != 0) {
      if (sleepers_.compare_exchange_weak(sleepers, sleepers - 1, std::memory_order_relaxed)) return false;
    }
    // This sleeper's token is available or will be soon. It does not wait for the token: it has work, and another
    // sleeper may take the token first.
    std::uint32_t tokens = tokens_.load(std::memory_order_relaxed);
    while (epoch_of(tokens) == epoch && count_of(tokens) != 0) {
      if (tokens_.compare_exchange_weak(tokens, tokens - 1, std::memory_order_relaxed)) break;  // relaxed: a count
    }
    return true;
  }
  /// Call it after announce.
  void park(Epoch epoch) noexcept {
    // acquire, here and below: pairs with the releases in wake_one and wake_all; work created before is visible.
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
    std::atomic_thread_fence(std::memory_order_seq_cst);  // pairs with the one in announce
    std::uint32_t sleepers = sleepers_.load(std::memory_order_relaxed);
    // relaxed: a count. tokens_ publishes the work.
    do {
      if (count_of(sleepers) == 0) return;
    } while (!sleepers_.compare_exchange_weak(sleepers, sleepers - 1, std::memory_order_relaxed));
    tokens_.fetch_add(1, std::memory_order_release);  // release: pairs with the acquire in park
    tokens_.notify_one();
  }
  void wake_all() noexcept {
    std::atomic_thread_fence(std::memory_order_seq_cst);  // pairs with the one in announce
    // First tokens_: the tokens of the old epoch become void. So far only sleepers of old epochs are counted, and they
    // wake without tokens. release: pairs with the acquire in park.
    std::uint32_t tokens = tokens_.load(std::memory_order_relaxed);
    while (!tokens_.compare_exchange_weak(tokens, (epoch_of(tokens) + 1) * kOneEpoch, std::memory_order_release,
                                          std::memory_order_relaxed)) {
    }
    // Then the counter, unless a concurrent wake_all has already advanced it further. release: no thread may announce
    // itself in an epoch that has not begun.
    const Epoch begun = epoch_of((epoch_of(tokens) + 1) * kOneEpoch);
    std::uint32_t sleepers = sleepers_.load(std::memory_order_relaxed);
    while (is_newer(begun, epoch_of(sleepers)) &&
           !sleepers_.compare_exchange_weak(sleepers, begun * kOneEpoch, std::memory_order_release,
                                            std::memory_order_relaxed)) {
    }
    tokens_.notify_all();
  }

 private:
  /// The epoch is stored above the count, which is small: at most one per thread. A sleeper would have to miss half a
  /// million epochs to mistake one for its own.
  static constexpr std::uint32_t kOneEpoch = std::uint32_t{1} << 12U;
  static Epoch epoch_of(std::uint32_t word) noexcept { return word / kOneEpoch; }
  static std::uint32_t count_of(std::uint32_t word) noexcept { return word % kOneEpoch; }
  /// Epochs wrap around.
  static bool is_newer(Epoch one, Epoch other) noexcept {
    return static_cast<std::int32_t>((one - other) * kOneEpoch) > 0;
  }

  alignas(racetrack::kApart) std::atomic<std::uint32_t> sleepers_{0};  ///< epoch and count
  alignas(racetrack::kApart) std::atomic<std::uint32_t> tokens_{0};    ///< epoch and count
};
