// Disturbs threads at the boundaries of operations, so that rare interleavings become frequent.
#pragma once

#include <atomic>
#include <cstdint>
#include <span>

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
  Perturbation() = default;  ///< does nothing
  /// `cpus`: to migrate between; they outlive it.
  Perturbation(const Strength& strength, std::uint64_t seed, std::span<const int> cpus);

  [[nodiscard]] Disturbance disturbance() noexcept { return {&Perturbation::act, this}; }

 private:
  friend class Strangers;
  static void act(void* self) noexcept;
  void disturb() noexcept;
  std::uint64_t next() noexcept;
  double share() noexcept;

  Strength strength_;
  std::uint64_t state_ = 0;
  std::span<const int> cpus_;  ///< the thread goes on from where it is left
};

/// The disturbance of threads that a subject makes itself, workers of a pool above all. Each gets a perturbation of its own when it
/// first comes here, and from then on at its lock operations too; a new one in the next round.
class Strangers {
 public:
  explicit Strangers(std::span<const int> cpus) noexcept : cpus_(cpus) {}

  /// No round runs now.
  void begin_round(const Strength& strength, std::uint64_t seed) noexcept {
    strength_ = strength;
    seed_ = seed;
    ++round_;
  }
  /// May be asked by any number of threads during a round; keeps a reference.
  [[nodiscard]] Disturbance disturbance() noexcept { return {&Strangers::act, this}; }

 private:
  static void act(void* self) noexcept;

  std::span<const int> cpus_;
  Strength strength_;  ///< these three are written only while the subject has no threads
  std::uint64_t seed_ = 0;
  std::uint64_t round_ = 0;
  std::atomic<std::uint64_t> known_{0};  ///< threads that have come here
};

/// The next number after `state` of SplitMix64 (Steele, Lea, Flood 2014); advances `state`.
std::uint64_t split_mix(std::uint64_t& state) noexcept;

}  // namespace racetrack::stress
