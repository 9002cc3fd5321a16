// One execution of a body under one strategy, from a fresh world to its end.
#pragma once

#include <cstdint>
#include <functional>

#include "explore/runtime.hpp"

namespace racetrack::explore {

/// Once per process, after all modules of the subject are loaded: makes fibers and shadow, remembers the modules' data.
/// `subject` is an address inside the module whose data is put back (and that of the libraries of its module).
/// `threads`, at most kMostThreads, is the number of threads that an execution may have, the first one included. The first call fixes it.
void prepare_world(const void* subject, unsigned threads = kUsualThreads);

struct ExecutionPlan {
  Strategy* strategy = nullptr;
  std::uint64_t seed = 0;
  std::uint32_t longest = 0;  ///< steps of earlier executions
  std::uint32_t most_steps = 100'000;
  Memory memory = Memory::sequential;
  Races races = Races::report;
  std::uint32_t races_to_pass = 0;  ///< that many races are not reported, whatever they are
  bool record = false;              ///< events, for printing
};

enum class Ending : std::uint8_t {
  whole,
  failed,     ///< runtime.failure says why
  redundant,  ///< the strategy knows what would have come
};
/// Runs body() as the first thread.
Ending run_execution(const std::function<void()>& body, const ExecutionPlan& plan);

/// A new thread of the running execution.
Thread& start_thread(void* (*routine)(void*), void* argument);
/// The current thread's end: destructors of what is its own, then the others.
[[noreturn]] void end_thread();

}  // namespace racetrack::explore
