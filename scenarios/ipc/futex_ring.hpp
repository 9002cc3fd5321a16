// A ring in shared memory for one producer and one consumer (Lamport, 1983). A side that must wait sleeps on a futex.
#pragma once

#include <atomic>
#include <cstddef>
#include <cstdint>
#include <ctime>
#include <optional>

#include <linux/futex.h>
#include <sys/syscall.h>
#include <unistd.h>

#include <racetrack/platform.hpp>
#include <racetrack/shared_memory.hpp>

#include "life_line.hpp"

/// A place in shared memory where one thread can sleep. The sleeper calls wait(ready), which returns when ready() is
/// true. The other side makes ready() true by a seq_cst store, then calls ring().
class Bell {
 public:
  template <class Ready>
  void wait(Ready&& ready) noexcept {
    // About as long as falling asleep and waking up takes. A side that is slightly slower then need not sleep for every
    // item.
    constexpr int kSpins = 1000;
    for (int spin = 0; spin < kSpins; ++spin) {
      if (ready()) return;
      racetrack::relax_cpu();
    }
    for (;;) {
      // Loaded before ready() is called: a ring in between changes the value, so the futex call below returns at once.
      // acquire: pairs with the release in strike(), so ready() sees all that was made ready before the ring loaded
      // here.
      const std::uint32_t heard = rings_.load(std::memory_order_acquire);
      // seq_cst, like the store that makes it ready and the load in ring(). Each of two sides writes one word and reads
      // the other's, and at least one must see the other's write (Dekker). With weaker orders both could miss it, and
      // the sleeper would not be woken.
      asleep_.store(1, std::memory_order_seq_cst);
      if (ready()) break;
      // No FUTEX_PRIVATE_FLAG: the other side is another process.
      syscall(SYS_futex, &rings_, FUTEX_WAIT, heard, nullptr, nullptr, 0);
    }
    asleep_.store(0, std::memory_order_relaxed);  // relaxed: orders nothing; a side that still sees 1 rings in vain
  }
  void ring() noexcept {
    // Pairs with the store in wait(). The exchange avoids system calls until the sleeper is awake. A sleeper that has
    // just stored 1 again has loaded the previous number of rings, and this ring changes it.
    if (asleep_.load(std::memory_order_seq_cst) != 0 && asleep_.exchange(0, std::memory_order_seq_cst) != 0) strike();
  }
  /// Wakes a sleeper, whether or not one sleeps.
  void strike() noexcept {
    rings_.fetch_add(1, std::memory_order_release);  // pairs with the acquire in wait()
    syscall(SYS_futex, &rings_, FUTEX_WAKE, 1, nullptr, nullptr, 0);
  }

 private:
  std::atomic<std::uint32_t> rings_{0};
  std::atomic<std::uint32_t> asleep_{0};
  static_assert(std::atomic<std::uint32_t>::is_always_lock_free,
                "a process-local lock cannot synchronise two processes");
};

/// With kWatched false, neither side learns of the other's death, as with any plain futex.
template <class Item, bool kWatched>
class FutexRing {
  struct Indices {
    alignas(racetrack::kApart) std::atomic<std::uint32_t> tail{0};  ///< items pushed; written by the producer
    alignas(racetrack::kApart) std::atomic<std::uint32_t> head{0};  ///< items popped; written by the consumer
    alignas(racetrack::kApart) Bell items;                          ///< the consumer sleeps here
    alignas(racetrack::kApart) Bell room;                           ///< the producer sleeps here
  };

  /// The state of the other process, as this process knows it.
  class Other {
   public:
    Other(LifeLine line, Bell& mine, bool watches) : line_(std::move(line)) {
      if (!watches) return;
      watch_.emplace(line_, [this, &mine] {
        gone_.store(true, std::memory_order_seq_cst);  // makes the sleeper ready, see Bell
        mine.strike();
      });
    }
    [[nodiscard]] bool gone() const noexcept { return gone_.load(std::memory_order_seq_cst); }

   private:
    LifeLine line_;
    std::atomic<bool> gone_{false};
    std::optional<DeathWatch> watch_;
  };

 public:
  class Producer {
   public:
    explicit Producer(FutexRing& ring) : ring_(ring), other_(ring.lines_.producers(), indices().room, ring.watches()) {}
    Producer(const Producer&) = delete;
    Producer& operator=(const Producer&) = delete;

    bool push(const Item& item) noexcept {
      if (tail_ - head_seen_ == ring_.capacity_) {
        const auto refresh = [this] {
          // seq_cst includes acquire: the consumer has read the slot before its store of head releases it.
          head_seen_ = indices().head.load(std::memory_order_seq_cst);
          return tail_ - head_seen_ != ring_.capacity_;
        };
        if (!refresh()) indices().room.wait([&] { return refresh() || other_.gone(); });
      }
      if (other_.gone()) return false;
      ring_.slots_[tail_ & (ring_.capacity_ - 1)] = item;
      // seq_cst includes release: pairs with the consumer's load of tail. Bell requires seq_cst.
      indices().tail.store(++tail_, std::memory_order_seq_cst);
      indices().items.ring();
      return true;
    }

   private:
    Indices& indices() const noexcept { return *ring_.indices_; }
    FutexRing& ring_;
    std::uint32_t tail_ = 0;       ///< this side's copy
    std::uint32_t head_seen_ = 0;  ///< the last value read; read again only when the ring seems full
    Other other_;
  };

  class Consumer {
   public:
    explicit Consumer(FutexRing& ring)
        : ring_(ring), other_(ring.lines_.consumers(), indices().items, ring.watches()) {}
    Consumer(const Consumer&) = delete;
    Consumer& operator=(const Consumer&) = delete;

    bool pop(Item& item) noexcept {
      if (head_ == tail_seen_) {
        const auto refresh = [this] {
          // seq_cst includes acquire: pairs with the producer's store of tail, after the item.
          tail_seen_ = indices().tail.load(std::memory_order_seq_cst);
          return head_ != tail_seen_;
        };
        if (!refresh()) indices().items.wait([&] { return refresh() || other_.gone(); });
        if (!refresh()) return false;  // the other side is gone, and left no item
      }
      item = ring_.slots_[head_ & (ring_.capacity_ - 1)];
      // seq_cst includes release: pairs with the producer's load of head, before it overwrites the slot. Bell requires
      // seq_cst.
      indices().head.store(++head_, std::memory_order_seq_cst);
      indices().room.ring();
      return true;
    }

   private:
    Indices& indices() const noexcept { return *ring_.indices_; }
    FutexRing& ring_;
    std::uint32_t head_ = 0;       ///< this side's copy
    std::uint32_t tail_seen_ = 0;  ///< the last value read; read again only when the ring seems empty
    Other other_;
  };

  /// `capacity` must be a power of two.
  explicit FutexRing(std::size_t capacity) : capacity_(static_cast<std::uint32_t>(capacity)), slots_(capacity) {}
  Producer producer() { return Producer(*this); }
  Consumer consumer() { return Consumer(*this); }

 private:
  /// Only the process that created the ring watches, with a thread. The other process was forked from it and must not
  /// start threads; it dies with its parent.
  [[nodiscard]] bool watches() const noexcept { return kWatched && getpid() == creator_; }

  const pid_t creator_ = getpid();
  const std::uint32_t capacity_;
  racetrack::Shared<Indices> indices_;
  racetrack::Shared<Item> slots_;
  LifeLines lines_;
};
