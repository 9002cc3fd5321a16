// The only interface to Google Benchmark.
#pragma once

#include <cstdint>
#include <functional>
#include <string>

#include <nlohmann/json.hpp>

namespace racetrack::measure {

/// The result of one timed round.
struct TimedRound {
  double seconds = 0;
  std::uint64_t work = 0;
  bool good = true;  ///< false: the round failed; stop
};

/// Times `round` in manual time under the name `name`, until the rounds together take `min_time_s`. One iteration is
/// one round. Google Benchmark calls a benchmark several times to find the number of iterations; `start_over` is called
/// at the beginning of each such call, so that only the last one counts. Returns Google Benchmark's own JSON document.
/// Call it once per process.
nlohmann::json time_with_google_benchmark(const std::string& name, double min_time_s,
                                          const std::function<void()>& start_over,
                                          const std::function<TimedRound()>& round);

}  // namespace racetrack::measure
