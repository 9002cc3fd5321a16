// The interface of a lock scenario: a small program of several threads that uses the standard library's locks, and its
// declared properties.
#pragma once

#include <concepts>
#include <cstddef>
#include <cstdint>
#include <string>

#include <racetrack/scenario.hpp>

namespace racetrack::lock {

/// The declared properties of a program.
struct Traits {
  std::string workload;  ///< two_locks, philosophers, ...: programs of one workload do the same in different ways
  std::string library = "racetrack";                  ///< package or project, with its version
  std::uint64_t most_steps = std::uint64_t{1} << 32;  ///< largest number of steps of a round, over all threads
};

/// A program of kThreads threads. Each thread calls step(thread) equally often. A step releases what it acquires before
/// it returns, if it returns. Every round has a new object.
template <class Subject>
concept Program = std::default_initializable<Subject> && requires(Subject& program, std::size_t thread) {
  { Subject::kThreads } -> std::convertible_to<std::size_t>;
  program.step(thread);
};

/// A program that can check its own result. check() is called once, after all threads have joined.
template <class Subject>
concept Checked = requires(const Subject& program) {
  { program.check() } -> std::same_as<Verdict>;
};

}  // namespace racetrack::lock
