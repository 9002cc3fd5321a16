// What the tests of the explorer explore: instrumented, each fault beside its corrected twin.
#pragma once

#include <array>
#include <cstdint>
#include <string>
#include <vector>

namespace bodies {

struct Body {
  const char* name;
  void (*run)();
  const char* finds;  ///< the kind of failure; nullptr: a corrected twin, in which there is nothing to find
};

/// Faulty and corrected programs.
const std::vector<Body>& all();
/// Programs whose faults, if they have any, need weak memory.
const std::vector<Body>& weak();
/// One spins until another has set a flag, relaxed.
void spins_until_told_relaxed();

/// Each of two threads does `operations` atomic operations, and writes down which of the two did each: a word of 0 and 1.
template <unsigned kOperations>
void two_counters();
extern template void two_counters<1>();
extern template void two_counters<2>();
extern template void two_counters<3>();
/// What the latest execution of two_counters wrote down: 2 * operations bits.
std::uint32_t order_of_operations();

/// Litmus tests: the two (or more) values that the latest execution read.
void store_buffering();
void message_passing();
void load_buffering();
std::array<int, 2> values_read();

/// Threads that each change a variable of their own, a few times.
void independent_writers();
/// Threads that only read.
void readers();
/// Two threads that take a mutex twice each, and write down who.
void two_lockers();
/// One writes, two read it, two more variables are written by one thread each.
void few_dependences();
/// One reads under a shared mutex, the other tries to write: before it, meanwhile (in vain) or after it.
void tries_to_write();
/// Peterson's algorithm: two threads, each enters once.
void peterson();
/// Two threads: a node each is allocated, published by an exchange, and the one found is freed.
void exchanges_nodes();
/// What the latest execution of one of these came to.
std::uint64_t end_state();

/// Threads, conditions, thread_local and static variables, allocations, clocks and exceptions, all together.
void everything();

}  // namespace bodies
