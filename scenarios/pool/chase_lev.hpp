// The Chase-Lev work-stealing deque.
#pragma once

#include <atomic>
#include <cstdint>
#include <memory>
#include <utility>
#include <vector>

#include <racetrack/platform.hpp>

struct Job;

/// Algorithm: Chase and Lev, Dynamic Circular Work-Stealing Deque (SPAA 2005), with the orders of Lê, Pop, Cohen and Zappa Nardelli,
/// Correct and Efficient Work-Stealing for Weak Memory Models (PPoPP 2013), figure 1, but for one: where push has a release fence
/// before a relaxed store of bottom, every store of bottom is a release store here. That orders as much (C++20's release sequences hold
/// no later relaxed stores, so take's stores must be release stores too), and ThreadSanitizer understands it. The two fences that are
/// left order accesses to bottom and top alone; nothing is published by them.
/// Order: the owner last in, first out; thieves first in, first out. Progress: push and take wait-free but for growth, steal lock-free.
/// Capacity: grows. Arrays that were outgrown are kept until the end, because a thief may still read them; together they are as large
/// as the last.
class ChaseLevDeque {
 public:
  explicit ChaseLevDeque(std::int64_t capacity = 256) { array_.store(add_array(capacity), std::memory_order_relaxed); }

  /// Owner only.
  void push(Job* job) {
    const std::int64_t bottom = bottom_.load(std::memory_order_relaxed);  // the owner's own
    Array* array = array_.load(std::memory_order_relaxed);                // the owner's own
    if (bottom - known_top_ >= array->capacity) {
      // acquire, with the exchange of a thief: its read of the cell is over before the cell is used again. (The paper reads top every
      // time. It only grows, so what was read before says so for as long as there seems to be room.)
      known_top_ = top_.load(std::memory_order_acquire);
      if (bottom - known_top_ >= array->capacity) array = grow(*array, known_top_, bottom);
    }
    array->put(bottom, job);
    // release, to the acquire of bottom in steal: the cell, and the job that it points to.
    bottom_.store(bottom + 1, std::memory_order_release);
  }

  /// The job that was pushed last; nullptr: there is none. Owner only.
  Job* take() {
    const std::int64_t bottom = bottom_.load(std::memory_order_relaxed) - 1;  // the owner's own
    Array* const array = array_.load(std::memory_order_relaxed);              // the owner's own
    // release, to the acquire of bottom in steal: as the store in push, for a thief that reads this value instead.
    bottom_.store(bottom, std::memory_order_release);
    // Against the fence in steal: of a thief and the owner who want the last job, one sees the other.
    std::atomic_thread_fence(std::memory_order_seq_cst);
    std::int64_t top = top_.load(std::memory_order_relaxed);  // ordered by the fence
    if (top > bottom) {
      bottom_.store(bottom + 1, std::memory_order_release);  // as above
      return nullptr;
    }
    Job* job = array->get(bottom);
    if (top == bottom) {
      // The last one: against thieves. seq_cst, with the fences; on failure nothing is read that was published.
      if (!top_.compare_exchange_strong(top, top + 1, std::memory_order_seq_cst, std::memory_order_relaxed))
        job = nullptr;
      bottom_.store(bottom + 1, std::memory_order_release);  // as above
    }
    return job;
  }

  /// The job that was pushed first; nullptr: there is none. Any thread.
  Job* steal() {
    for (;;) {
      std::int64_t top = top_.load(std::memory_order_acquire);  // before bottom, with the fence
      // Against the fence in take.
      std::atomic_thread_fence(std::memory_order_seq_cst);
      const std::int64_t bottom = bottom_.load(std::memory_order_acquire);  // with the releases of the owner
      if (top >= bottom) return nullptr;
      // acquire, with the release in grow: the cells of a new array. (The paper says consume.)
      Job* const job = array_.load(std::memory_order_acquire)->get(top);
      // seq_cst, with the fences. On failure somebody else has it, and this one looks again.
      if (top_.compare_exchange_strong(top, top + 1, std::memory_order_seq_cst, std::memory_order_relaxed)) return job;
    }
  }

  /// Where the next job goes. Owner only.
  [[nodiscard]] std::int64_t bottom() const noexcept { return bottom_.load(std::memory_order_relaxed); }

  /// Whether steal would have found nothing. Any thread; a hint, unless a fence stands before it (see Parking).
  [[nodiscard]] bool empty() const noexcept {
    return top_.load(std::memory_order_relaxed) >= bottom_.load(std::memory_order_relaxed);
  }

 private:
  struct Array {
    explicit Array(std::int64_t size)
        : capacity(size), cells(std::make_unique<std::atomic<Job*>[]>(static_cast<std::size_t>(size))) {}
    // Relaxed: published by bottom, or by array_ when they were copied. Atomic, because a thief may read a cell that is used again; its
    // compare-exchange then fails.
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
    array_.store(larger, std::memory_order_release);  // to the acquire in steal
    return larger;
  }

  alignas(racetrack::kApart) std::atomic<std::int64_t> top_{0};     ///< thieves'
  alignas(racetrack::kApart) std::atomic<std::int64_t> bottom_{0};  ///< the owner's, as are the rest
  std::atomic<Array*> array_{nullptr};
  std::int64_t known_top_ = 0;
  std::vector<std::unique_ptr<Array>> arrays_;
};
