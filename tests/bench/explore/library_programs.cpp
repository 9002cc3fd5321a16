// A program of tests for test_world.py that calls a library: built twice, with the library instrumented and without.
#include <racetrack/explore.hpp>

#include <thread>

#include <dlfcn.h>

#include "library.hpp"

RACETRACK_EXPLORE(two_threads_count_in_a_library) {
  std::thread other(count_in_library);
  count_in_library();
  other.join();
}

RACETRACK_EXPLORE(hands_over_in_a_library) {
  int number = 0;
  prepare_and_call_in_thread([](int& prepared) { prepared = 1; }, [](int& added_to) { ++added_to; }, number);
  racetrack::check(number == 2, "the thread of the library has seen the number");
}

RACETRACK_EXPLORE(races_in_threads_of_its_own) {
  int number = 0;
  std::thread other([&] { ++number; });
  count_in_library();
  ++number;
  other.join();
}

#if defined(PLAIN_LIBRARY)
RACETRACK_EXPLORE(loads_an_instrumented_library) {
  racetrack::check(dlopen(INSTRUMENTED_LIBRARY, RTLD_NOW) != nullptr, "the library is there");
}

RACETRACK_EXPLORE(loads_a_plain_library) {
  racetrack::check(dlopen(PLAIN_LIBRARY, RTLD_NOW) != nullptr, "the library is there");
}
#endif

namespace {

constexpr std::uint64_t kMuch = 100'000, kLittle = 1'000;

}  // namespace

RACETRACK_EXPLORE(computes_in_a_library) {
  racetrack::check(compute_in_library(kMuch) != computed(kLittle), "these are different numbers");
}

RACETRACK_EXPLORE(computes_by_itself) {
  racetrack::check(compute_in_library(kLittle) != computed(kMuch), "these are different numbers");
}
