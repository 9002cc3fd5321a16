// Histories for the tests of oracles, written in the order in which the operations happened.
#pragma once

#include <algorithm>
#include <cstdint>
#include <deque>
#include <random>

#include <racetrack/history.hpp>

namespace racetrack::oracle {

/// Adds operations to a history.
class HistoryOf {
 public:
  explicit HistoryOf(std::size_t threads, std::uint64_t capacity = 0, Ticks skew = 0) {
    history_.threads.resize(threads);
    history_.capacity = capacity;
    history_.skew = skew;
  }

  HistoryOf& push(std::uint32_t thread, std::uint64_t value, Ticks invoked, Ticks returned,
                  Outcome outcome = Outcome::ok, std::uint16_t object = 0) {
    history_.threads[thread].push_back({value, invoked, returned, thread, object, Action::push, outcome});
    return *this;
  }
  HistoryOf& pop(std::uint32_t thread, std::uint64_t value, Ticks invoked, Ticks returned,
                 Outcome outcome = Outcome::ok, std::uint16_t object = 0) {
    history_.threads[thread].push_back({value, invoked, returned, thread, object, Action::pop, outcome});
    return *this;
  }

  /// The same history without stamps.
  [[nodiscard]] History unstamped() const {
    History history = history_;
    history.stamped = false;
    for (auto& thread : history.threads) {
      for (Operation& operation : thread) operation.invoked = operation.returned = 0;
    }
    return history;
  }
  operator const History&() const noexcept { return history_; }  // NOLINT(google-explicit-constructor)

 private:
  History history_;
};

/// A history that two producers (threads 0, 1) and two consumers (2, 3) can observe of a first-in-first-out queue of
/// `capacity`. Every operation takes effect at a different moment and lasts some time around it, so that operations of
/// different threads overlap.
inline History sound_history(std::uint64_t seed, std::size_t items, std::size_t capacity) {
  std::mt19937_64 random(seed);
  const auto some = [&](Ticks most) { return 1 + random() % most; };
  History history;
  history.threads.resize(4);
  history.capacity = capacity;
  std::deque<std::uint64_t> inside;
  std::vector<Ticks> free_from(4, 0);  // the time at which each thread can call again
  std::size_t pushed = 0, popped = 0;
  std::uint64_t sequence[2] = {0, 0};
  for (Ticks now = 100; popped < items; now += some(20)) {
    const bool push = pushed < items && inside.size() < capacity && (inside.empty() || random() % 2 == 0);
    const auto thread = static_cast<std::uint32_t>((push ? 0 : 2) + random() % 2);
    if (free_from[thread] >= now) continue;
    const Ticks invoked = std::max(free_from[thread] + 1, now > 50 ? now - random() % 50 : 0);
    const Ticks returned = now + random() % 50;
    free_from[thread] = returned;
    std::uint64_t value;
    if (push) {
      value = (static_cast<std::uint64_t>(thread) << 48U) | ++sequence[thread];
      inside.push_back(value);
      ++pushed;
    } else {
      if (inside.empty()) continue;
      value = inside.front();
      inside.pop_front();
      ++popped;
    }
    history.threads[thread].push_back(
        {value, invoked, returned, thread, 0, push ? Action::push : Action::pop, Outcome::ok});
  }
  return history;
}

}  // namespace racetrack::oracle
