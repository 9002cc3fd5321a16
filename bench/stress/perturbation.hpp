// Disturbs threads at the boundaries of operations, so that rare interleavings become frequent.
#pragma once

#include <atomic>
#include <cstdint>
#include <span>

#include <racetrack/scenario.hpp>

namespace racetrack::stress {

/// The strength of the disturbance in a round. Each round has a new random one, from none to frequent: some faults need
/// a long undisturbed phase first, others a pause at one point.
struct Strength {
  double probability = 0;                              ///< probability that a boundary is disturbed
  double yield = 0, spin = 0, sleep = 0, migrate = 0;  ///< shares of the disturbances; they add up to 1
  std::uint32_t longest_spin = 1;                      ///< in pause instructions
  std::uint32_t longest_sleep_us = 1;

  /// Returns a random strength that depends only on the seed.
  static Strength draw(std::uint64_t seed);
};

/// The disturbance of one thread. Its random numbers depend only on the seed, and it shares nothing with other threads.
class Perturbation {
 public:
  Perturbation() = default;  ///< does nothing
  /// The thread migrates between `cpus`, which must outlive this object.
  Perturbation(const Strength& strength, std::uint64_t seed, std::span<const int> cpus);

  /// Returns the disturbance; it refers to this object.
  [[nodiscard]] Disturbance disturbance() noexcept { return {&Perturbation::act, this}; }

 private:
  friend class WorkerPerturbation;
  static void act(void* self) noexcept;
  void disturb() noexcept;
  std::uint64_t next() noexcept;
  double share() noexcept;

  Strength strength_;
  std::uint64_t state_ = 0;
  std::span<const int> cpus_;  ///< the processors to migrate between
};

/// The disturbance of threads that a subject creates itself, such as the workers of a pool. A thread gets its own
/// perturbation on its first call of the disturbance in a round, and from then on is disturbed at its lock operations
/// too.
class WorkerPerturbation {
 public:
  explicit WorkerPerturbation(std::span<const int> cpus) noexcept : cpus_(cpus) {}

  /// Sets the strength for the next round. Call it only while no round runs.
  void begin_round(const Strength& strength, std::uint64_t seed) noexcept {
    strength_ = strength;
    seed_ = seed;
    ++round_;
  }
  /// Returns the disturbance, which any number of threads may call concurrently during a round. It refers to this
  /// object.
  [[nodiscard]] Disturbance disturbance() noexcept { return {&WorkerPerturbation::act, this}; }

 private:
  static void act(void* self) noexcept;

  std::span<const int> cpus_;
  Strength strength_;  ///< written, as the next two, only while the subject has no threads
  std::uint64_t seed_ = 0;
  std::uint64_t round_ = 0;
  std::atomic<std::uint64_t> known_{0};  ///< number of threads that have called the disturbance
};

/// Advances `state` and returns the next number of SplitMix64 (Steele, Lea, Flood 2014).
std::uint64_t split_mix(std::uint64_t& state) noexcept;

}  // namespace racetrack::stress
