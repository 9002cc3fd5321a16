#include "measure/google_benchmark.hpp"

#include <locale>
#include <sstream>

#include <benchmark/benchmark.h>

namespace racetrack::measure {

nlohmann::json time_with_google_benchmark(const std::string& name, double min_time_s,
                                          const std::function<void()>& start_over,
                                          const std::function<TimedRound()>& round) {
  benchmark::RegisterBenchmark(name.c_str(),
                               [&](benchmark::State& state) {
                                 start_over();
                                 std::uint64_t work = 0;
                                 for ([[maybe_unused]] const auto iteration : state) {
                                   const TimedRound timed = round();
                                   if (!timed.good) {
                                     state.SkipWithError("a timed round was judged a failure");
                                     break;
                                   }
                                   state.SetIterationTime(timed.seconds);
                                   work += timed.work;
                                 }
                                 state.SetItemsProcessed(static_cast<std::int64_t>(work));
                                 // A round may have changed the locale, which the reporter uses for numbers.
                                 std::locale::global(std::locale::classic());
                               })
      ->UseManualTime()
      ->MinTime(min_time_s)
      ->Repetitions(1)
      ->Unit(benchmark::kNanosecond);

  // Earlier rounds may have changed the locale, and a stream keeps the locale of its construction.
  std::locale::global(std::locale::classic());
  std::ostringstream text, errors;
  benchmark::JSONReporter reporter;
  reporter.SetOutputStream(&text);
  reporter.SetErrorStream(&errors);
  benchmark::RunSpecifiedBenchmarks(&reporter, nullptr, ".*");
  benchmark::ClearRegisteredBenchmarks();
  return nlohmann::json::parse(text.str());
}

}  // namespace racetrack::measure
