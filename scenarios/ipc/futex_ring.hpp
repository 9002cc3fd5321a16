// A ring in shared memory for one producer and one consumer (Lamport, 1983), in which who must wait sleeps on a futex.
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

/// A place to sleep, in shared memory, for one sleeper. The sleeper: wait(ready), which returns when ready() says so. The other side:
/// makes it ready, by a seq_cst store, then ring().
class Bell {
 public:
  template <class Ready>
  void wait(Ready&& ready) noexcept {
    // About as long as it takes to fall asleep and be woken: a side that is a little slower is not sent to sleep for every item.
    constexpr int kSpins = 1000;
    for (int spin = 0; spin < kSpins; ++spin) {
      if (ready()) return;
      racetrack::relax_cpu();
    }
    for (;;) {
      // Read before ready() is asked: a ring in between changes it, and the sleep below does not begin. acquire: with the
      // release in strike(), so that ready() sees what was made ready before a ring that is seen here.
      const std::uint32_t heard = rings_.load(std::memory_order_acquire);
      // seq_cst, as the store that makes it ready and the load in ring(): of two sides that each write one word and read the other's,
      // at least one sees the other (Dekker). With less, both could miss, and the sleeper is not woken.
      asleep_.store(1, std::memory_order_seq_cst);
      if (ready()) break;
      // No FUTEX_PRIVATE_FLAG: the other side is another process.
      syscall(SYS_futex, &rings_, FUTEX_WAIT, heard, nullptr, nullptr, 0);
    }
    asleep_.store(0, std::memory_order_relaxed);  // orders nothing: who still sees 1 rings in vain
  }
  void ring() noexcept {
    // Partner: the store in wait(). The exchange saves the calls of all rings until the sleeper is up; a sleeper that has just stored 1
    // again has heard the number of rings before, and this one changes it.
    if (asleep_.load(std::memory_order_seq_cst) != 0 && asleep_.exchange(0, std::memory_order_seq_cst) != 0) strike();
  }
  /// Whether somebody sleeps or not.
  void strike() noexcept {
    rings_.fetch_add(1, std::memory_order_release);  // pairs with the acquire in wait()
    syscall(SYS_futex, &rings_, FUTEX_WAKE, 1, nullptr, nullptr, 0);
  }

 private:
  std::atomic<std::uint32_t> rings_{0};
  std::atomic<std::uint32_t> asleep_{0};
  static_assert(std::atomic<std::uint32_t>::is_always_lock_free,
                "a lock of this process's own is of no use to the other");
};

/// Not kWatched: neither side learns when the other has died, as with any plain futex.
template <class Item, bool kWatched>
class FutexRing {
  struct Indices {
    alignas(racetrack::kApart) std::atomic<std::uint32_t> tail{0};  ///< items pushed; written by the producer
    alignas(racetrack::kApart) std::atomic<std::uint32_t> head{0};  ///< items popped; written by the consumer
    alignas(racetrack::kApart) Bell items;                          ///< the consumer sleeps here
    alignas(racetrack::kApart) Bell room;                           ///< the producer sleeps here
  };

  /// What one process knows of the other.
  class Other {
   public:
    Other(LifeLine line, Bell& mine, bool watches) : line_(std::move(line)) {
      if (!watches) return;
      watch_.emplace(line_, [this, &mine] {
        gone_.store(true, std::memory_order_seq_cst);  // makes the sleeper ready: see Bell
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
        const auto look = [this] {
          // acquire, by being seq_cst: the consumer has read the slot before it released it by its store of head.
          head_seen_ = indices().head.load(std::memory_order_seq_cst);
          return tail_ - head_seen_ != ring_.capacity_;
        };
        if (!look()) indices().room.wait([&] { return look() || other_.gone(); });
      }
      if (other_.gone()) return false;
      ring_.slots_[tail_ & (ring_.capacity_ - 1)] = item;
      // release, by being seq_cst: pairs with the consumer's load of tail. seq_cst for the bell.
      indices().tail.store(++tail_, std::memory_order_seq_cst);
      indices().items.ring();
      return true;
    }

   private:
    Indices& indices() const noexcept { return *ring_.indices_; }
    FutexRing& ring_;
    std::uint32_t tail_ = 0;       ///< own copy
    std::uint32_t head_seen_ = 0;  ///< as it was last seen: read again only when the ring looks full
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
        const auto look = [this] {
          // acquire, by being seq_cst: pairs with the producer's store of tail, behind the item.
          tail_seen_ = indices().tail.load(std::memory_order_seq_cst);
          return head_ != tail_seen_;
        };
        if (!look()) indices().items.wait([&] { return look() || other_.gone(); });
        if (!look()) return false;  // gone, and nothing came before that
      }
      item = ring_.slots_[head_ & (ring_.capacity_ - 1)];
      // release, by being seq_cst: pairs with the producer's load of head, before it writes the slot again. seq_cst for the bell.
      indices().head.store(++head_, std::memory_order_seq_cst);
      indices().room.ring();
      return true;
    }

   private:
    Indices& indices() const noexcept { return *ring_.indices_; }
    FutexRing& ring_;
    std::uint32_t head_ = 0;       ///< own copy
    std::uint32_t tail_seen_ = 0;  ///< as it was last seen: read again only when the ring looks empty
    Other other_;
  };

  /// `capacity` is a power of two.
  explicit FutexRing(std::size_t capacity) : capacity_(static_cast<std::uint32_t>(capacity)), slots_(capacity) {}
  Producer producer() { return Producer(*this); }
  Consumer consumer() { return Consumer(*this); }

 private:
  /// The process that made the ring watches with a thread. The other was forked from it and must start none; it dies with its parent.
  [[nodiscard]] bool watches() const noexcept { return kWatched && getpid() == maker_; }

  const pid_t maker_ = getpid();
  const std::uint32_t capacity_;
  racetrack::Shared<Indices> indices_;
  racetrack::Shared<Item> slots_;
  LifeLines lines_;
};
