// Bodies that the tests of the explorer explore: instrumented, each fault with its corrected twin.
#pragma once

#include <array>
#include <cstdint>
#include <string>
#include <vector>

namespace bodies {

struct Body {
  const char* name;
  void (*run)();
  const char* finds;  ///< the kind of failure; nullptr: a corrected twin, which must not fail
};

/// Faulty and corrected programs.
const std::vector<Body>& all();
/// Programs whose faults, if any, need weak memory.
const std::vector<Body>& weak();
/// One spins until another has set a flag, relaxed.
void spins_until_set_relaxed();

/// Each of two threads does `operations` atomic operations, and records which thread did each: a word of 0 and 1.
template <unsigned kOperations>
void two_counters();
extern template void two_counters<1>();
extern template void two_counters<2>();
extern template void two_counters<3>();
/// The record of the latest execution of two_counters: 2 * operations bits.
std::uint32_t order_of_operations();

/// Litmus tests: the two (or more) values that the latest execution read.
void store_buffering();
void message_passing();
void load_buffering();
std::array<int, 2> values_read();

/// Threads that each change a different variable a few times.
void independent_writers();
/// Threads that only read.
void readers();
/// Two threads that lock a mutex twice each, and record which one did.
void two_lockers();
/// One writes, two read it, two more variables are written by one thread each.
void few_dependences();
/// One thread reads under a shared mutex, the other tries to lock it for writing: before, during (in vain) or after
/// that.
void tries_to_write();
/// Peterson's algorithm: two threads, each enters once.
void peterson();
/// Two threads: each allocates a node, publishes it by an exchange, and frees the node that it gets.
void exchanges_nodes();
/// The result of the latest execution of one of these.
std::uint64_t end_state();

/// Uses threads, condition variables, thread_local and static variables, allocations, clocks and exceptions together.
void everything();

}  // namespace bodies
