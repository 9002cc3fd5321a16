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
// The explorer runs the body many times, each time under a different schedule of its threads. Every execution starts
// with the same initial state of the heap and of global, thread_local and static local variables. The explorer reports
// data races, deadlocks, lost wakeups, uses after free, double frees, misused locks, crashes, threads that are not
// joined, endless loops, and failed checks. Each report has the interleaving and a token that replays it.
//
// The behaviour of the body must depend only on the order of its threads: no external input, no processes, no signals.
// It may print and read files. Time and random devices are virtual. An execution has at most 16 threads; `--threads`
// raises the limit up to 64. Compile the sources with -fsanitize=thread: the explorer does not observe accesses in
// libraries that are compiled without it.
//
// All functions are thread-safe, because an execution runs one thread at a time. C code can include this header too; it
// gets the functions with C linkage, RACETRACK_CHECK and RACETRACK_EXPLORE.
#pragma once

#ifdef __cplusplus
#include <cstdio>
#include <string_view>
#include <type_traits>
#include <utility>
extern "C" {
#endif

/// Fails and ends the execution unless `holds`. `what` describes the condition in the report.
void racetrack_explore_check(int holds, const char* what, const char* file, int line);
/// Abandons the execution unless `holds`. An abandoned execution counts neither as a pass nor as a failure. When all
/// executions are abandoned, the test is inconclusive.
void racetrack_explore_assume(int holds);
/// Returns a number below `count`. The random strategies pick it at random; the depth-first searches try every number.
/// The replay token records it. Returns 0 when `count` is 0 or 1.
unsigned racetrack_explore_choose(unsigned count);
/// Begins a block in which no other thread runs, unless the calling thread blocks. Blocks may be nested. A loop inside
/// the block that waits for another thread never ends.
void racetrack_explore_begin_atomic(void);
/// Ends the innermost block of the calling thread.
void racetrack_explore_end_atomic(void);
/// Names the object at this address in interleavings from now on. The text is copied.
void racetrack_explore_name(const volatile void* object, const char* name);
/// Adds a test to the program. Both arguments must remain valid until the program ends.
void racetrack_explore_add(const char* name, void (*body)(void));
/// Fails and ends the execution because `actual` is not `expected`. check_equal() calls it.
void racetrack_explore_differ(const char* what, const char* actual, const char* expected, const char* file, int line);

#ifdef __cplusplus
}

namespace racetrack {

/// Fails and ends the execution unless `holds`. `what` describes the condition in the report. `file` and `line` are the
/// caller's by default; they use built-ins because clang 14 has no std::source_location.
inline void check(bool holds, const char* what, const char* file = __builtin_FILE(), int line = __builtin_LINE()) {
  racetrack_explore_check(holds ? 1 : 0, what, file, line);
}
/// See racetrack_explore_assume().
inline void assume(bool holds) { racetrack_explore_assume(holds ? 1 : 0); }
/// See racetrack_explore_choose().
inline unsigned choose(unsigned count) { return racetrack_explore_choose(count); }
/// See racetrack_explore_name().
inline void name(const volatile void* object, const char* text) { racetrack_explore_name(object, text); }

/// While an object of this class exists, no other thread runs, unless the thread that made it blocks. See
/// racetrack_explore_begin_atomic().
class AtomicBlock {
 public:
  AtomicBlock() { racetrack_explore_begin_atomic(); }
  ~AtomicBlock() { racetrack_explore_end_atomic(); }
  AtomicBlock(const AtomicBlock&) = delete;
  AtomicBlock& operator=(const AtomicBlock&) = delete;
};

namespace exploration {

/// Returns the value of an atomic (anything with load()), or a copy of any other object.
template <class Object>
auto value_of(const Object& object) {
  if constexpr (requires { object.load(); }) {
    return object.load();
  } else {
    return object;
  }
}

/// Whether std::cmp_equal supports the type: an integer, but neither bool nor a plain character type.
template <class Value>
inline constexpr bool is_number =
    std::is_integral_v<Value> && !std::is_same_v<Value, bool> && !std::is_same_v<Value, char> &&
    !std::is_same_v<Value, wchar_t> && !std::is_same_v<Value, char8_t> && !std::is_same_v<Value, char16_t> &&
    !std::is_same_v<Value, char32_t>;

/// Compares integers by value, whatever their signs, and everything else by ==.
template <class One, class Other>
bool are_equal(const One& one, const Other& other) {
  if constexpr (is_number<One> && is_number<Other>) {
    return std::cmp_equal(one, other);
  } else {
    return one == other;
  }
}

/// A value as text, at most 199 characters. Supports numbers, enumerators (by number), pointers and strings; other
/// types give "?".
class ValueText {
 public:
  template <class Value>
  explicit ValueText(const Value& value) {
    if constexpr (std::is_same_v<Value, bool>) {
      print("%s", value ? "true" : "false");
    } else if constexpr (std::is_unsigned_v<Value>) {
      print("%llu", static_cast<unsigned long long>(value));
    } else if constexpr (std::is_integral_v<Value> || std::is_enum_v<Value>) {
      print("%lld", static_cast<long long>(value));
    } else if constexpr (std::is_floating_point_v<Value>) {
      print("%.17g", static_cast<double>(value));
    } else if constexpr (std::is_convertible_v<const Value&, std::string_view>) {
      const std::string_view view = value;
      print("\"%.*s\"", static_cast<int>(view.size() < kMost - 3 ? view.size() : kMost - 3), view.data());
    } else if constexpr (std::is_pointer_v<Value>) {
      print("%p", static_cast<const void*>(value));
    } else {
      print("?");
    }
  }
  [[nodiscard]] const char* text() const { return text_; }

 private:
  static constexpr std::size_t kMost = 200;
  template <class... Values>
  void print(const char* format, Values... values) {
    std::snprintf(text_, kMost, format, values...);
  }
  char text_[kMost] = "";
};

/// One test of this program, in a linked list of all tests. RACETRACK_EXPLORE defines it in static storage.
struct Test {
  /// Adds the test to the list. Before the exploration of the body, the runner calls `prepare`, if not null, with the
  /// name.
  Test(const char* name, void (*body)(), void (*prepare)(const char* name) = nullptr) noexcept;
  const char* name;
  void (*body)();
  void (*prepare)(const char* name);
  Test* next;
};

}  // namespace exploration

/// Fails and ends the execution unless the values are equal; the report shows both. Each atomic is loaded once.
template <class Actual, class Expected>
void check_equal(const Actual& actual, const Expected& expected, const char* what, const char* file = __builtin_FILE(),
                 int line = __builtin_LINE()) {
  const auto found = exploration::value_of(actual);
  const auto wanted = exploration::value_of(expected);
  if (exploration::are_equal(found, wanted)) return;
  racetrack_explore_differ(what, exploration::ValueText(found).text(), exploration::ValueText(wanted).text(), file,
                           line);
}

}  // namespace racetrack

/// Defines a test: RACETRACK_EXPLORE(name) { body }. The library provides the program's main; `program --help` lists
/// its options.
#define RACETRACK_EXPLORE(name)                                                                 \
  static void racetrack_explore_##name();                                                       \
  static ::racetrack::exploration::Test racetrack_test_##name(#name, racetrack_explore_##name); \
  static void racetrack_explore_##name()

#else

#define RACETRACK_CHECK(holds, what) racetrack_explore_check((holds), (what), __FILE__, __LINE__)

#define RACETRACK_EXPLORE(name)                                         \
  static void racetrack_explore_##name(void);                           \
  __attribute__((constructor)) static void racetrack_add_##name(void) { \
    racetrack_explore_add(#name, racetrack_explore_##name);             \
  }                                                                     \
  static void racetrack_explore_##name(void)

#endif
