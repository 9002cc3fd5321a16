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
// The body must depend on nothing but its threads' order: no input from outside, no processes, no signals. It may print and read files. Time and
// random devices are virtual. At most 16 threads in an execution; `--threads` allows up to 64. The sources are compiled with -fsanitize=thread;
// the explorer does not see what happens in libraries that are not.
//
// All functions are thread-safe: an execution runs one thread at a time. C includes this header as well and has the functions of the first
// part, and RACETRACK_EXPLORE.
#pragma once

#ifdef __cplusplus
#include <cstdio>
#include <string_view>
#include <type_traits>
#include <utility>
extern "C" {
#endif

/// Ends the execution as a failure unless `holds`. `what` describes the condition.
void racetrack_explore_check(int holds, const char* what, const char* file, int line);
/// Abandons the execution unless `holds`: it is neither a pass nor a failure. When all executions are abandoned, the test is inconclusive.
void racetrack_explore_assume(int holds);
/// A number below `count`. The random strategies draw it; the depth-first searches try all. It is part of the replay token.
/// 0 for a `count` of 0 or 1.
unsigned racetrack_explore_choose(unsigned count);
/// From here to the end of the block no other thread runs, unless this one blocks. Blocks may be nested. A loop in a block that waits for
/// another thread never ends.
void racetrack_explore_begin_atomic(void);
void racetrack_explore_end_atomic(void);
/// Interleavings call the object at this address `name` from now on. The text is copied.
void racetrack_explore_name(const volatile void* object, const char* name);
/// Adds a test to the program. Both arguments must stay valid.
void racetrack_explore_add(const char* name, void (*body)(void));
/// Ends the execution as a failure: `actual` is not `expected`.
void racetrack_explore_differ(const char* what, const char* actual, const char* expected, const char* file, int line);

#ifdef __cplusplus
}

namespace racetrack {

/// What must hold. When it does not, the execution ends here and is told. Thread-safe. File and line are the caller's: clang 14 has no
/// std::source_location.
inline void check(bool holds, const char* what, const char* file = __builtin_FILE(), int line = __builtin_LINE()) {
  racetrack_explore_check(holds ? 1 : 0, what, file, line);
}
/// racetrack_explore_assume().
inline void assume(bool holds) { racetrack_explore_assume(holds ? 1 : 0); }
/// racetrack_explore_choose().
inline unsigned choose(unsigned count) { return racetrack_explore_choose(count); }
/// racetrack_explore_name().
inline void name(const volatile void* object, const char* text) { racetrack_explore_name(object, text); }

/// While one lives, no other thread runs, unless this one blocks.
class AtomicBlock {
 public:
  AtomicBlock() { racetrack_explore_begin_atomic(); }
  ~AtomicBlock() { racetrack_explore_end_atomic(); }
  AtomicBlock(const AtomicBlock&) = delete;
  AtomicBlock& operator=(const AtomicBlock&) = delete;
};

namespace exploration {

/// The value of an atomic, or the object itself.
template <class Object>
auto value_of(const Object& object) {
  if constexpr (requires { object.load(); }) {
    return object.load();
  } else {
    return object;
  }
}

template <class Value>
inline constexpr bool is_number =
    std::is_integral_v<Value> && !std::is_same_v<Value, bool> && !std::is_same_v<Value, char> &&
    !std::is_same_v<Value, wchar_t> && !std::is_same_v<Value, char8_t> && !std::is_same_v<Value, char16_t> &&
    !std::is_same_v<Value, char32_t>;

template <class One, class Other>
bool are_equal(const One& one, const Other& other) {
  if constexpr (is_number<One> && is_number<Other>) {
    return std::cmp_equal(one, other);
  } else {
    return one == other;
  }
}

/// A value as text: numbers, enumerators by their number, pointers and strings; "?" for others.
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

/// A test among all of this program. Defined by RACETRACK_EXPLORE, in static storage.
struct Test {
  /// `prepare`, where there is one, is called with the name before the exploration of the body.
  Test(const char* name, void (*body)(), void (*prepare)(const char* name) = nullptr) noexcept;
  const char* name;
  void (*body)();
  void (*prepare)(const char* name);
  Test* next;
};

}  // namespace exploration

/// Checks that the values are equal, and names both when they are not. Atomics are loaded once.
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

/// RACETRACK_EXPLORE(name) { body }. The program's main is the library's: `program --help`.
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
