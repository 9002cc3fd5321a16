// The strategies there are.
#pragma once

#include <memory>
#include <string>
#include <string_view>
#include <vector>

#include "explore/schedule/schedule.hpp"
#include "explore/schedule/strategy.hpp"

namespace racetrack::explore {

/// Every so often any thread goes on. How often is drawn for each execution: at nearly every point, or after long runs, because some
/// faults need a thread to do much unseen.
std::unique_ptr<Strategy> random_walk();
/// Probabilistic concurrency testing (Burckhardt et al., ASPLOS 2010): the thread of the highest priority runs, and at depth - 1
/// steps, drawn beforehand, priorities change.
std::unique_ptr<Strategy> pct(unsigned depth);
/// Partial order sampling (Yuan, Yang and Gu, CAV 2018): every step has a priority of its own, drawn when its thread arrives there, and
/// again when another step comes first whose order with it shows.
std::unique_ptr<Strategy> partial_order_sampling();
/// URW: every order of the threads' steps is as likely, as far as earlier executions tell how many steps each thread has. SURW: every order
/// of the steps at one address, drawn for each execution among those that threads share (Zhao, Wolff, Mathur and Roychoudhury, ASPLOS
/// 2025).
std::unique_ptr<Strategy> uniform_walk();
std::unique_ptr<Strategy> selectively_uniform_walk();
/// Depth-first search of all schedules with at most `preemptions` switches away from a thread that could have gone on (Musuvathi and
/// Qadeer, PLDI 2007). A thread that spins gives way: that is no preemption.
std::unique_ptr<Strategy> depth_first(unsigned preemptions);
/// Depth-first search of all schedules, but for those that only order steps that do not depend on each other (source sets; Abdulla,
/// Aronis, Jonsson and Sagonas, POPL 2014; with sleep sets). A thread that spins waits until what it looks at has changed.
std::unique_ptr<Strategy> reduced_search();
/// Departs from the usual where the schedule says so.
std::unique_ptr<Strategy> replay(const Schedule& schedule);

/// The names that make_strategy knows.
std::vector<std::string> strategy_names();
/// Null for an unknown name.
std::unique_ptr<Strategy> make_strategy(std::string_view name);

}  // namespace racetrack::explore
