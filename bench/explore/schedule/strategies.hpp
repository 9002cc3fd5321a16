// The available strategies.
#pragma once

#include <memory>
#include <string>
#include <string_view>
#include <vector>

#include "explore/schedule/schedule.hpp"
#include "explore/schedule/strategy.hpp"

namespace racetrack::explore {

/// Random walk: any runnable thread runs next after a random number of steps. Its mean is random for each execution,
/// from nearly every point to long runs, because some faults need a thread to run long without interruption.
std::unique_ptr<Strategy> random_walk();
/// Probabilistic concurrency testing (Burckhardt et al., ASPLOS 2010): the thread of the highest priority runs, and at
/// depth - 1 random steps, drawn beforehand, priorities change.
std::unique_ptr<Strategy> pct(unsigned depth);
/// Partial order sampling (Yuan, Yang and Gu, CAV 2018): each step has a random priority, drawn when its thread arrives
/// there, and drawn again when a step that races with it runs first.
std::unique_ptr<Strategy> partial_order_sampling();
/// URW: every order of the threads' steps has the same probability, as far as earlier executions predict the number of
/// steps of each thread. SURW: the same for the steps at one shared address, drawn for each execution (Zhao, Wolff,
/// Mathur and Roychoudhury, ASPLOS 2025).
std::unique_ptr<Strategy> uniform_walk();
std::unique_ptr<Strategy> selectively_uniform_walk();
/// Depth-first search of all schedules with at most `preemptions` preemptions (Musuvathi and Qadeer, PLDI 2007). A
/// switch away from a spinning thread is not a preemption.
std::unique_ptr<Strategy> depth_first(unsigned preemptions);
/// Depth-first search of all schedules that differ in the order of dependent steps (source sets; Abdulla, Aronis,
/// Jonsson and Sagonas, POPL 2014; with sleep sets). A spinning thread waits until the values that it reads have
/// changed.
std::unique_ptr<Strategy> reduced_search();
/// Follows the departures of the schedule, otherwise the default rule.
std::unique_ptr<Strategy> replay(const Schedule& schedule);

/// The names that make_strategy knows.
std::vector<std::string> strategy_names();
/// Null for an unknown name.
std::unique_ptr<Strategy> make_strategy(std::string_view name);

}  // namespace racetrack::explore
