// Disturbs threads at the boundaries of operations, so that rare interleavings become frequent.
#pragma once

#include <cstdint>
#include <vector>

#include <racetrack/scenario.hpp>

namespace racetrack::stress {

/// How hard a round is disturbed. Drawn anew for every round, from not at all to often: some faults need a long
/// undisturbed run-up, others a pause in the very middle.
struct Strength {
  double probability = 0;                              ///< that a boundary is disturbed at all
  double yield = 0, spin = 0, sleep = 0, migrate = 0;  ///< shares of those that are, adding up to 1
  std::uint32_t longest_spin = 1;                      ///< pause instructions
  std::uint32_t longest_sleep_us = 1;

  static Strength draw(std::uint64_t seed);
};

/// The disturbance of one thread. Its random numbers come from the seed alone, and it shares nothing with other threads.
class Perturbation {
 public:
  Perturbation(const Strength& strength, std::uint64_t seed, std::vector<int> cpus);

  [[nodiscard]] Disturbance disturbance() noexcept { return {&Perturbation::act, this}; }

 private:
  static void act(void* self) noexcept;
  void disturb() noexcept;
  std::uint64_t next() noexcept;
  double share() noexcept;

  Strength strength_;
  std::uint64_t state_;
  std::vector<int> cpus_;  ///< to migrate between; the thread goes on from where it is left
};

/// The next number after `state` of SplitMix64 (Steele, Lea, Flood 2014); advances `state`.
std::uint64_t split_mix(std::uint64_t& state) noexcept;

}  // namespace racetrack::stress
