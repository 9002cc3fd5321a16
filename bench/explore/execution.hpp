// One execution of a body under one strategy, from a fresh world to its end.
#pragma once

#include <cstdint>
#include <functional>

#include "explore/runtime.hpp"

namespace racetrack::explore {

struct ExecutionPlan {
  Strategy* strategy = nullptr;
  std::uint64_t seed = 0;
  std::uint32_t longest = 0;  ///< steps of earlier executions
  std::uint32_t most_steps = 100'000;
  Memory memory = Memory::sequential;
  Races races = Races::report;
  std::uint32_t races_to_pass = 0;  ///< that many races are not reported, whatever they are
  bool record = false;              ///< events and what is printed, to be shown
  bool may_exit = false;            ///< exit(0) is an end of the execution, no failure
  std::uint32_t entropy = 0;        ///< seed of random devices and of random memory
};

enum class Ending : std::uint8_t {
  whole,
  failed,     ///< runtime.failure says why
  redundant,  ///< the strategy knows what would have come
};
/// Runs body() as the first thread. Needs a session.
Ending run_execution(const std::function<void()>& body, const ExecutionPlan& plan);

/// A new thread of the running execution.
Thread& start_thread(void* (*routine)(void*), void* argument);
/// The current thread's end: destructors of what is its own, then the others.
[[noreturn]] void end_thread();

}  // namespace racetrack::explore
