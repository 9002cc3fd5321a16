#include "stress/perturbation.hpp"

#include <type_traits>

#include <ctime>
#include <sched.h>

#include <racetrack/platform.hpp>

#include "load/round_runner.hpp"
#include "load/topology.hpp"

namespace racetrack::stress {
namespace {

double share_of(std::uint64_t& state) noexcept { return static_cast<double>(split_mix(state) >> 11U) * 0x1.0p-53; }

}  // namespace

std::uint64_t split_mix(std::uint64_t& state) noexcept {
  std::uint64_t z = (state += 0x9e3779b97f4a7c15U);
  z = (z ^ (z >> 30U)) * 0xbf58476d1ce4e5b9U;
  z = (z ^ (z >> 27U)) * 0x94d049bb133111ebU;
  return z ^ (z >> 31U);
}

Strength Strength::draw(std::uint64_t seed) {
  std::uint64_t state = seed;
  Strength strength;
  // A quarter of the rounds runs undisturbed. In the others, the frequency is between one boundary in a thousand and
  // every second one.
  constexpr double kProbabilities[] = {0.0, 0.001, 0.01, 0.03, 0.1, 0.3, 0.5, 0.0};
  strength.probability = kProbabilities[split_mix(state) % 8];
  const double yield = share_of(state), spin = share_of(state), sleep = share_of(state) * 0.3,
               migrate = share_of(state) * 0.2;
  const double all = yield + spin + sleep + migrate + 1e-9;
  strength.yield = yield / all;
  strength.spin = spin / all;
  strength.sleep = sleep / all;
  strength.migrate = migrate / all;
  strength.longest_spin = 1U << (split_mix(state) % 12);
  strength.longest_sleep_us = 1U << (split_mix(state) % 7);
  return strength;
}

Perturbation::Perturbation(const Strength& strength, std::uint64_t seed, std::span<const int> cpus)
    : strength_(strength), state_(seed), cpus_(cpus) {}

void Perturbation::act(void* self) noexcept { static_cast<Perturbation*>(self)->disturb(); }

std::uint64_t Perturbation::next() noexcept { return split_mix(state_); }
double Perturbation::share() noexcept { return share_of(state_); }

void Perturbation::disturb() noexcept {
  if (strength_.probability == 0 || share() >= strength_.probability) return;
  double choice = share();
  if ((choice -= strength_.yield) < 0) {
    sched_yield();
  } else if ((choice -= strength_.spin) < 0) {
    for (std::uint64_t i = next() % strength_.longest_spin; i != 0; --i) relax_cpu();
  } else if ((choice -= strength_.sleep) < 0 || cpus_.size() < 2) {
    const timespec pause{0, static_cast<long>(1000 * (1 + next() % strength_.longest_sleep_us))};
    nanosleep(&pause, nullptr);
  } else {
    load::pin_this_thread(cpus_[next() % cpus_.size()]);
  }
}

void WorkerPerturbation::act(void* self) noexcept {
  struct Known {
    std::uint64_t round = 0;
    Perturbation perturbation;
  };
  static_assert(std::is_trivially_destructible_v<Known>,
                "locks are used after a thread's thread_local objects are destroyed");
  constinit thread_local Known known;
  auto& workers = *static_cast<WorkerPerturbation*>(self);
  if (known.round != workers.round_) {
    // Relaxed: the numbers only have to be distinct.
    std::uint64_t state = workers.seed_ + workers.known_.fetch_add(1, std::memory_order_relaxed);
    known = {workers.round_, Perturbation(workers.strength_, split_mix(state), workers.cpus_)};
    load::RoundRunner::disturb_this_thread_with(known.perturbation.disturbance());
  }
  known.perturbation.disturb();
}

}  // namespace racetrack::stress
