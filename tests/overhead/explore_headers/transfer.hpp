// Passes items through a container of a library. Each item arrives once; the items of a producer arrive in its order.
#pragma once

#include <array>
#include <atomic>
#include <cstddef>
#include <thread>
#include <vector>

#include <racetrack/explore.hpp>

struct Shape {
  int producers = 2, consumers = 1;
  int items = 2;  ///< per producer
  bool in_order = true;
};

constexpr int kMostItems = 16;  ///< per producer

/// The container's push(int) and pop(int&) return whether they succeeded.
template <class Container>
void transfer(Container& container, const Shape& shape) {
  std::array<std::atomic<int>, std::size_t{4} * kMostItems> times{};
  const int all = shape.producers * shape.items;
  std::vector<std::thread> threads;
  for (int producer = 0; producer < shape.producers; ++producer) {
    threads.emplace_back([&, producer] {
      for (int i = 0; i < shape.items; ++i) {
        while (!container.push(producer * kMostItems + i)) std::this_thread::yield();
      }
    });
  }
  for (int consumer = 0; consumer < shape.consumers; ++consumer) {
    threads.emplace_back([&, consumer] {
      std::array<int, 4> latest{-1, -1, -1, -1};
      // The first consumer also takes the remainder.
      const int wanted = all / shape.consumers + (consumer == 0 ? all % shape.consumers : 0);
      for (int i = 0; i < wanted; ++i) {
        int item = -1;
        while (!container.pop(item)) std::this_thread::yield();
        racetrack::check(item >= 0 && item / kMostItems < shape.producers && item % kMostItems < shape.items,
                         "the item was pushed by a producer");
        ++times[static_cast<std::size_t>(item)];
        int& before = latest[static_cast<std::size_t>(item / kMostItems)];
        if (shape.in_order) racetrack::check(item % kMostItems > before, "a producer's items arrive in its order");
        before = item % kMostItems;
      }
    });
  }
  for (std::thread& thread : threads) thread.join();
  for (int producer = 0; producer < shape.producers; ++producer) {
    for (int i = 0; i < shape.items; ++i) {
      racetrack::check(times[static_cast<std::size_t>(producer * kMostItems + i)] == 1, "each item arrives once");
    }
  }
}

/// A thread that finds the container full or empty does not retry. At the end the container must hold the items that
/// were pushed and not popped.
template <class Container>
void attempts(Container& container, const Shape& shape) {
  std::atomic<int> pushed = 0, popped = 0;
  std::vector<std::thread> threads;
  for (int producer = 0; producer < shape.producers; ++producer) {
    threads.emplace_back([&, producer] {
      for (int i = 0; i < shape.items; ++i) pushed += container.push(producer * kMostItems + i) ? 1 : 0;
    });
  }
  for (int consumer = 0; consumer < shape.consumers; ++consumer) {
    threads.emplace_back([&] {
      int item = -1;
      for (int i = 0; i < shape.items; ++i) popped += container.pop(item) ? 1 : 0;
    });
  }
  for (std::thread& thread : threads) thread.join();
  int item = -1;
  while (container.pop(item)) ++popped;
  racetrack::check(pushed == popped, "every pushed item is popped, or found at the end");
}
