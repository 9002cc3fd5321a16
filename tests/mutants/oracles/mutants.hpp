// Faults that are inserted into sound histories. Each certainly makes the history wrong, so that the responsible
// oracles must find it.
#pragma once

#include <random>
#include <string_view>
#include <vector>

#include <racetrack/history.hpp>

namespace racetrack::testing {

struct HistoryMutant {
  std::string_view name;
  std::vector<std::string_view> oracles;  ///< that must find it
  /// Inserts the fault at a random suitable place. Returns false if there is none.
  bool (*put_in)(History& history, std::mt19937_64& random);
};

/// Histories of one kind of subject: the items of a queue, the turns of a lock, the tasks of a pool.
struct HistoryMutants {
  std::string_view of;
  History (*sound)(std::uint64_t seed);
  std::vector<std::string_view> oracles;  ///< that check such histories
  std::vector<HistoryMutant> mutants;
};

std::vector<HistoryMutants> all_history_mutants();

}  // namespace racetrack::testing
