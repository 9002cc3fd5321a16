// The Chase-Lev work-stealing deque.
#pragma once

#include <atomic>
#include <cstdint>
#include <memory>
#include <utility>
#include <vector>

#include <racetrack/platform.hpp>

struct Job;

/// Algorithm: Chase and Lev, Dynamic Circular Work-Stealing Deque (SPAA 2005), with the memory orders of Lê, Pop, Cohen
/// and Zappa Nardelli, Correct and Efficient Work-Stealing for Weak Memory Models (PPoPP 2013), figure 1. One
/// difference: push there has a release fence before a relaxed store of bottom; here every store of bottom is a release
/// store. That is as strong, and ThreadSanitizer understands it. (C++20's release sequences exclude later relaxed
/// stores, so take's stores must be release stores too.) The two remaining fences order only accesses to bottom and
/// top; they publish nothing.
/// Order: the owner last in, first out; thieves first in, first out.
/// Progress: push and take wait-free except for growth, steal lock-free.
/// Capacity: grows. Outgrown arrays are kept until the destructor, because a thief may still read them. Together they
/// are as large as the last one.
class ChaseLevDeque {
 public:
  explicit ChaseLevDeque(std::int64_t capacity = 256) { array_.store(add_array(capacity), std::memory_order_relaxed); }

  /// Owner only.
  void push(Job* job) {
    const std::int64_t bottom = bottom_.load(std::memory_order_relaxed);  // relaxed: only the owner writes it
    Array* array = array_.load(std::memory_order_relaxed);                // relaxed: only the owner writes it
    if (bottom - known_top_ >= array->capacity) {
      // acquire: pairs with the exchange of a thief; its read of the cell is complete before the cell is reused. (The
      // paper reads top every time. top only grows, so an older value is safe as long as it leaves space.)
      known_top_ = top_.load(std::memory_order_acquire);
      if (bottom - known_top_ >= array->capacity) array = grow(*array, known_top_, bottom);
    }
    array->put(bottom, job);
    // release: publishes the cell, and the job that it points to, to the acquire of bottom in steal.
    bottom_.store(bottom + 1, std::memory_order_release);
  }

  /// Returns the job that was pushed last, or nullptr when the deque is empty. Owner only.
  Job* take() {
    const std::int64_t bottom = bottom_.load(std::memory_order_relaxed) - 1;  // relaxed: only the owner writes it
    Array* const array = array_.load(std::memory_order_relaxed);              // relaxed: only the owner writes it
    // release: pairs with the acquire of bottom in steal, like the store in push, for a thief that reads this value
    // instead.
    bottom_.store(bottom, std::memory_order_release);
    // Pairs with the fence in steal: when a thief and the owner want the last job, at least one sees the other.
    std::atomic_thread_fence(std::memory_order_seq_cst);
    std::int64_t top = top_.load(std::memory_order_relaxed);  // relaxed: ordered by the fence
    if (top > bottom) {
      bottom_.store(bottom + 1, std::memory_order_release);  // release: as above
      return nullptr;
    }
    Job* job = array->get(bottom);
    if (top == bottom) {
      // The last job: thieves compete for it. seq_cst, with the fences. On failure no published data is read.
      if (!top_.compare_exchange_strong(top, top + 1, std::memory_order_seq_cst, std::memory_order_relaxed))
        job = nullptr;
      bottom_.store(bottom + 1, std::memory_order_release);  // release: as above
    }
    return job;
  }

  /// Returns the job that was pushed first, or nullptr when the deque is empty. Any thread.
  Job* steal() {
    for (;;) {
      std::int64_t top = top_.load(std::memory_order_acquire);  // acquire: before bottom, with the fence
      // Pairs with the fence in take.
      std::atomic_thread_fence(std::memory_order_seq_cst);
      const std::int64_t bottom = bottom_.load(std::memory_order_acquire);  // acquire: pairs with the owner's releases
      if (top >= bottom) return nullptr;
      // acquire: pairs with the release in grow, which publishes the cells of a new array. (The paper uses consume.)
      Job* const job = array_.load(std::memory_order_acquire)->get(top);
      // seq_cst, with the fences. On failure another thread has taken the job, and this one tries again.
      if (top_.compare_exchange_strong(top, top + 1, std::memory_order_seq_cst, std::memory_order_relaxed)) return job;
    }
  }

  /// The index of the next pushed job. Owner only.
  [[nodiscard]] std::int64_t bottom() const noexcept { return bottom_.load(std::memory_order_relaxed); }

  /// Whether steal would find nothing. Any thread. A hint, unless a fence precedes the call (see Parking).
  [[nodiscard]] bool empty() const noexcept {
    return top_.load(std::memory_order_relaxed) >= bottom_.load(std::memory_order_relaxed);
  }

 private:
  struct Array {
    explicit Array(std::int64_t size)
        : capacity(size), cells(std::make_unique<std::atomic<Job*>[]>(static_cast<std::size_t>(size))) {}
    // relaxed: published by bottom, or by array_ after copying. Atomic, because a thief may read a cell that is being
    // reused; its compare-exchange then fails.
    void put(std::int64_t at, Job* job) noexcept { cell(at).store(job, std::memory_order_relaxed); }
    [[nodiscard]] Job* get(std::int64_t at) const noexcept { return cell(at).load(std::memory_order_relaxed); }
    [[nodiscard]] std::atomic<Job*>& cell(std::int64_t at) const noexcept {
      return cells[static_cast<std::size_t>(at & (capacity - 1))];
    }

    std::int64_t capacity;  ///< a power of two
    std::unique_ptr<std::atomic<Job*>[]> cells;
  };

  Array* add_array(std::int64_t capacity) {
    arrays_.push_back(std::make_unique<Array>(capacity));
    return arrays_.back().get();
  }
  Array* grow(const Array& old, std::int64_t top, std::int64_t bottom) {
    Array* const larger = add_array(2 * old.capacity);
    for (std::int64_t at = top; at < bottom; ++at) larger->put(at, old.get(at));
    array_.store(larger, std::memory_order_release);  // release: pairs with the acquire in steal
    return larger;
  }

  alignas(racetrack::kApart) std::atomic<std::int64_t> top_{0};     ///< thieves write it
  alignas(racetrack::kApart) std::atomic<std::int64_t> bottom_{0};  ///< only the owner writes it, and the members below
  std::atomic<Array*> array_{nullptr};
  std::int64_t known_top_ = 0;
  std::vector<std::unique_ptr<Array>> arrays_;
};
