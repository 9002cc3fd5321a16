// A library that is linked to a program of tests, instrumented or not.
#pragma once

#include <cstdint>

/// Not thread-safe: increments a variable of the library.
void count_in_library();

/// Calls prepare(number), and then, ordered by synchronisation in the library, call(number) in a thread of the library.
void prepare_and_call_in_thread(void (*prepare)(int&), void (*call)(int&), int& number);

/// Takes a few nanoseconds of the processor per round, without an access to memory.
[[gnu::always_inline]] inline std::uint64_t computed(std::uint64_t rounds) {
  std::uint64_t value = rounds;
  for (; rounds != 0; --rounds) value = value * 6364136223846793005U + (value >> 33U);
  return value;
}
std::uint64_t compute_in_library(std::uint64_t rounds);
