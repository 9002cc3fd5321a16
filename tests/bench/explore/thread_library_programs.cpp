// A program of tests for test_primitives.py whose second thread is started by a library that is not instrumented.
#include <racetrack/explore.hpp>

#include "thread_library.h"

RACETRACK_EXPLORE(counts_in_a_thread_of_a_library) {
  int count = 0;
  racetrack::check(add_in_thread_of_library(&count) == 0 && count == 1, "the thread has counted");
}
