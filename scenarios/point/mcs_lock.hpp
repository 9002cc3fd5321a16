// MCS lock: a queue of waiters, each spinning on its own cache line.
#pragma once

#include <atomic>

#include "backoff.hpp"

/// Mellor-Crummey and Scott 1991, section 2.4 (algorithm 5). First come, first served. A waiting thread reads only its
/// own node, so a hand-over touches one line of one other thread. The node is on the acquiring thread's stack: use the
/// lock through Guard.
class McsLock {
 public:
  class Guard {
   public:
    explicit Guard(McsLock& lock) noexcept : lock_(lock) {
      // acq_rel. acquire: when the queue was empty, pairs with the release of the last holder's compare-exchange and
      // makes its work visible. release: the fields of our node are set before the next thread finds it here.
      Node* const before = lock_.last_.exchange(&node_, std::memory_order_acq_rel);
      if (before == nullptr) return;
      // release: pairs with the acquire in ~Guard: `waiting` is set before it is cleared.
      before->next.store(&node_, std::memory_order_release);
      Backoff backoff;
      while (node_.waiting.load(std::memory_order_acquire)) backoff.wait();  // pairs with the release in ~Guard
    }
    ~Guard() {
      Node* next = node_.next.load(std::memory_order_acquire);  // pairs with the release in Guard
      if (next == nullptr) {
        Node* expected = &node_;
        // release: pairs with the exchange of the next thread. relaxed on failure: a thread is arriving; wait for its
        // link.
        if (lock_.last_.compare_exchange_strong(expected, nullptr, std::memory_order_release,
                                                std::memory_order_relaxed)) {
          return;
        }
        Backoff backoff;
        while ((next = node_.next.load(std::memory_order_acquire)) == nullptr) backoff.wait();
      }
      next->waiting.store(false, std::memory_order_release);  // release: passes the lock on, with all our writes
    }
    Guard(const Guard&) = delete;
    Guard& operator=(const Guard&) = delete;

   private:
    friend McsLock;
    struct alignas(64) Node {
      std::atomic<Node*> next{nullptr};
      std::atomic<bool> waiting{true};
    };
    McsLock& lock_;
    Node node_;
  };

 private:
  std::atomic<Guard::Node*> last_{nullptr};
};
