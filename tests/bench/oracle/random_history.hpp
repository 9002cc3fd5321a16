// Random small queue histories, correct and incorrect.
#pragma once

#include <cstdint>
#include <random>

#include <racetrack/history.hpp>

namespace racetrack::testing {

struct HistoryShape {
  std::size_t threads = 3;
  std::size_t operations = 10;
  std::uint64_t capacity = 0;  ///< 0: unbounded, so that no push is refused
  double pending = 0.0;        ///< probability that a thread's last operation does not return
  double ties = 0.2;           ///< probability that an event has the stamp of another thread's event before it
  bool last_in_first_out = false;
};

using Random = std::mt19937_64;

inline bool chance(Random& random, double probability) { return std::bernoulli_distribution(probability)(random); }
inline std::size_t below(Random& random, std::size_t limit) {
  return std::uniform_int_distribution<std::size_t>(0, limit - 1)(random);
}

/// A correct history: every operation takes effect at a random moment between its call and its return.
History legal_history(const HistoryShape& shape, Random& random);

/// A history with random stamps and outcomes, which is nearly always incorrect.
History wild_history(const HistoryShape& shape, Random& random);

enum class Fault : std::uint8_t { drop, duplicate, swap_pops, swap_pushes, invent, empty_too_early, hasten, tear };
inline constexpr Fault kFaults[] = {Fault::drop,   Fault::duplicate,       Fault::swap_pops, Fault::swap_pushes,
                                    Fault::invent, Fault::empty_too_early, Fault::hasten};

/// Changes one random operation (or two) of `history`, which may remain correct. Returns false if no operation can be
/// changed.
bool put_in(Fault fault, History& history, Random& random);

}  // namespace racetrack::testing
