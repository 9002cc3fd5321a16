// One execution of a body under one strategy, from a fresh world to its end.
#pragma once

#include <cstdint>
#include <functional>

#include "explore/runtime.hpp"

namespace racetrack::explore {

struct ExecutionPlan {
  Strategy* strategy = nullptr;
  std::uint64_t seed = 0;
  std::uint32_t longest = 0;  ///< the typical number of steps of earlier executions
  std::uint32_t most_steps = 100'000;
  Memory memory = Memory::sequential;
  Races races = Races::report;
  std::uint32_t races_to_pass = 0;  ///< so many races are not reported, whatever they are
  bool record = false;              ///< record events and output, to show them
  bool may_exit = false;            ///< exit(0) ends the execution without a failure
  std::uint32_t entropy = 0;        ///< seed of random devices and of random memory
};

enum class Ending : std::uint8_t {
  whole,
  failed,     ///< runtime.failure has the reason
  redundant,  ///< the strategy has explored the rest already
};
/// Runs body() as the first thread. Needs a Session.
Ending run_execution(const std::function<void()>& body, const ExecutionPlan& plan);

/// Starts a new thread of the running execution.
Thread& start_thread(void* (*routine)(void*), void* argument);
/// Ends the current thread: runs the destructors of its objects and switches to another thread.
[[noreturn]] void end_thread();

}  // namespace racetrack::explore
