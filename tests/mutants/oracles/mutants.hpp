// Faults that are put into sound histories. Each makes a history certainly wrong, so that an oracle whose business it is has no excuse.
#pragma once

#include <random>
#include <string_view>
#include <vector>

#include <racetrack/history.hpp>

namespace racetrack::testing {

struct HistoryMutant {
  std::string_view name;
  std::vector<std::string_view> oracles;  ///< that must see it
  /// Puts the fault in, at a random place of those that there are. False: there is none.
  bool (*put_in)(History& history, std::mt19937_64& random);
};

/// Of what: a queue's items, a lock's turns, a pool's tasks.
struct HistoryMutants {
  std::string_view of;
  History (*sound)(std::uint64_t seed);
  std::vector<std::string_view> oracles;  ///< that judge such histories
  std::vector<HistoryMutant> mutants;
};

std::vector<HistoryMutants> all_history_mutants();

}  // namespace racetrack::testing
