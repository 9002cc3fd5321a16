// The explorer for any code: write a test, link with racetrack_add_exploration(), run.
//
//   #include <racetrack/explore.hpp>
//
//   RACETRACK_EXPLORE(both_increments_count) {
//     int count = 0;
//     std::thread other([&] { ++count; });
//     ++count;
//     other.join();
//     racetrack::check(count == 2, "both are counted");
//   }
//
// The body is run again and again, each time under another schedule of its threads, on a world that is fresh: global and thread_local
// variables, static locals and the heap are as at the start. What it finds is a race, a deadlock, a lost wakeup, a use after free, a
// double free, a misused lock, a crash, a thread left behind, an endless loop, or a check that does not hold; it prints the
// interleaving and a token that repeats it.
//
// The body must depend on nothing but its threads' order: no input or output, no processes, no signals. Time is virtual. At most 16
// threads in an execution; `--threads` allows up to 64. The sources are compiled with -fsanitize=thread; what is in libraries that are not, is not seen.
#pragma once

namespace racetrack {

/// What must hold. When it does not, the execution ends here and is told. Thread-safe. File and line are the caller's: clang 14 has no
/// std::source_location.
void check(bool holds, const char* what, const char* file = __builtin_FILE(), int line = __builtin_LINE());

namespace exploration {

/// A test among all of this program. Defined by RACETRACK_EXPLORE, in static storage.
struct Test {
  Test(const char* name, void (*body)()) noexcept;
  const char* name;
  void (*body)();
  Test* next;
};

}  // namespace exploration
}  // namespace racetrack

/// RACETRACK_EXPLORE(name) { body }. The program's main is the library's: `program --help`.
#define RACETRACK_EXPLORE(name)                                                                 \
  static void racetrack_explore_##name();                                                       \
  static ::racetrack::exploration::Test racetrack_test_##name(#name, racetrack_explore_##name); \
  static void racetrack_explore_##name()
