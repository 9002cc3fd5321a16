// Measures how the queue monitor's cost grows with the history:
//
//   monitor_growth build OPERATIONS    only makes a legal history of a bounded queue, with empties and fulls
//   monitor_growth judge OPERATIONS    also judges it, and prints the processor time of that in seconds
//
// Under callgrind, the difference of the two instruction counts is the monitor's.
#include <cstdio>
#include <cstdlib>
#include <ctime>
#include <string_view>

#include "oracle/linearizability/queue_monitor.hpp"
#include "tests/bench/oracle/random_history.hpp"

int main(int argc, char** argv) {
  using namespace racetrack;
  const std::string_view mode = argc == 3 ? argv[1] : "";
  const long long operations = argc == 3 ? std::atoll(argv[2]) : 0;
  if ((mode != "build" && mode != "judge") || operations <= 0) {
    std::fprintf(stderr, "usage: monitor_growth build|judge OPERATIONS\n");
    return 2;
  }
  testing::HistoryShape shape;
  shape.threads = 8;
  shape.operations = static_cast<std::size_t>(operations);
  shape.capacity = 1024;
  testing::Random random(1);
  const History history = testing::legal_history(shape, random);
  if (mode == "build") return history.threads.size() == shape.threads ? 0 : 70;
  const std::clock_t begun = std::clock();
  const Verdict verdict = oracle::queue_monitor(history, {.empty = true, .full = true});
  const std::clock_t took = std::clock() - begun;
  if (verdict.result != Result::pass) {
    std::fprintf(stderr, "monitor_growth: the monitor rejected a legal history: %s\n", verdict.witness.c_str());
    return 70;
  }
  std::printf("%.3f\n", static_cast<double>(took) / CLOCKS_PER_SEC);
  return 0;
}
