// What a lock scenario is here: a little program of several threads around the standard library's locks, and what it declares.
#pragma once

#include <concepts>
#include <cstddef>
#include <cstdint>
#include <string>

#include <racetrack/scenario.hpp>

namespace racetrack::lock {

/// What a program declares of itself.
struct Traits {
  std::string workload;               ///< two_locks, philosophers, ...: programs that do the same in different ways
  std::string library = "racetrack";  ///< package or project, with its version
  std::uint64_t most_steps = std::uint64_t{1} << 32;  ///< of all threads together, in a round
};

/// A program of kThreads threads. step(thread) is called by each of them again and again, equally often; what it takes it gives
/// back before it returns, if it returns. A fresh object for every round.
template <class Subject>
concept Program = std::default_initializable<Subject> && requires(Subject& program, std::size_t thread) {
  { Subject::kThreads } -> std::convertible_to<std::size_t>;
  program.step(thread);
};

/// A program that knows afterwards whether it was right: called once, after all threads have joined.
template <class Subject>
concept Checked = requires(const Subject& program) {
  { program.check() } -> std::same_as<Verdict>;
};

}  // namespace racetrack::lock
