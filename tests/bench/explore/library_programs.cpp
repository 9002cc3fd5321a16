// A program of tests for test_world.py that calls a library: built twice, with the library instrumented and without.
#include <racetrack/explore.hpp>

#include <thread>

#include "library.hpp"

RACETRACK_EXPLORE(two_threads_count_in_a_library) {
  std::thread other(count_in_library);
  count_in_library();
  other.join();
}
