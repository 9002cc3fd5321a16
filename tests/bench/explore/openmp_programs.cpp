// A program of tests whose threads are made by libgomp, which waits by system calls without libc.
#include <racetrack/explore.hpp>

RACETRACK_EXPLORE(counts_in_parallel) {
  int count = 0;
#pragma omp parallel num_threads(2)
  ++count;
  racetrack::check(count > 0, "counted");
}
