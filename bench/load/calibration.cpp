#include "load/calibration.hpp"

#include <algorithm>
#include <atomic>
#include <cmath>
#include <latch>
#include <limits>
#include <thread>

#include <ctime>

#if defined(__x86_64__)
#include <cpuid.h>
#endif

#include <racetrack/platform.hpp>
#include <racetrack/work.hpp>

#include "load/topology.hpp"

namespace racetrack::load {
namespace {

double monotonic_ns() {
  timespec now{};
  clock_gettime(CLOCK_MONOTONIC, &now);
  return static_cast<double>(now.tv_sec) * 1e9 + static_cast<double>(now.tv_nsec);
}

struct Pair {
  double ns = 0;
  Ticks at = 0;
};

/// Reads both clocks at nearly the same time: of 16 readings, the one with the shortest interval between its two
/// ticks().
Pair read_both() {
  Pair best;
  Ticks narrowest = std::numeric_limits<Ticks>::max();
  for (int i = 0; i < 16; ++i) {
    const Ticks before = ticks_before();
    const double ns = monotonic_ns();
    const Ticks after = ticks_after();
    if (after - before < narrowest) {
      narrowest = after - before;
      best = {ns, before + (after - before) / 2};
    }
  }
  return best;
}

/// Returns the time per step of the fastest of several short runs, so that an interruption does not shorten tasks.
double shortest_step_ns() {
  constexpr int kRuns = 50;
  constexpr std::uint64_t kSteps = 50'000;
  double shortest = std::numeric_limits<double>::max();
  for (int run = 0; run < kRuns; ++run) {
    const double begun = monotonic_ns();
    work(static_cast<std::uint64_t>(run), kSteps);
    shortest = std::min(shortest, (monotonic_ns() - begun) / static_cast<double>(kSteps));
  }
  return shortest;
}

/// Waits until changed() returns true, with pauses of a few cycles, so that a short trip is measured accurately. After
/// many pauses it yields, in case the other thread needs this processor because the system refused to pin one of them
/// or runs other work there.
template <class Changed>
void spin_until(Changed&& changed) {
  constexpr int kSpins = 100'000;
  for (int spun = 0; !changed(); ++spun) {
    if (spun < kSpins) {
      relax_cpu();
    } else {
      std::this_thread::yield();
    }
  }
}

/// Returns a bound on the skew between the clocks of `cpu` and of the calling thread's processor. The caller has pinned
/// itself.
Ticks skew_against(int cpu) {
  constexpr int kTrips = 2000;
  struct Mailbox {
    alignas(kApart) std::atomic<Ticks> request{0};
    alignas(kApart) std::atomic<Ticks> reply{0};
  } mailbox;
  // The thread starts on the caller's processor. With a real-time priority, it runs there only while the caller sleeps.
  std::latch in_place(1);
  std::thread other([&] {
    pin_this_thread(cpu);
    in_place.count_down();
    Ticks last = 0;
    for (int trip = 0; trip < kTrips; ++trip) {
      Ticks request = last;
      // acquire: with the release below
      spin_until([&] { return (request = mailbox.request.load(std::memory_order_acquire)) != last; });
      last = request;
      mailbox.reply.store(ticks_after(), std::memory_order_release);
    }
  });
  in_place.wait();
  Ticks forth = std::numeric_limits<Ticks>::max(), back = std::numeric_limits<Ticks>::max();
  Ticks last_reply = 0;
  for (int trip = 0; trip < kTrips; ++trip) {
    const Ticks sent = ticks_after();
    mailbox.request.store(sent, std::memory_order_release);
    Ticks reply = last_reply;
    spin_until([&] { return (reply = mailbox.reply.load(std::memory_order_acquire)) != last_reply; });
    const Ticks received = ticks_after();
    last_reply = reply;
    // The offset of the other clock is in [reply - received, reply - sent].
    forth = std::min(forth, reply > sent ? reply - sent : sent - reply);
    back = std::min(back, received > reply ? received - reply : reply - received);
  }
  other.join();
  return std::max(forth, back);
}

}  // namespace

bool clock_is_invariant() noexcept {
#if defined(RACETRACK_MONOTONIC_CLOCK)
  return true;
#else
  unsigned eax = 0, ebx = 0, ecx = 0, edx = 0;
  return __get_cpuid(0x80000007U, &eax, &ebx, &ecx, &edx) != 0 && (edx & (1U << 8U)) != 0;
#endif
}

Clock calibrate(double milliseconds) {
  const Pair first = read_both();
  timespec pause{0, static_cast<long>(milliseconds * 1e6)};
  nanosleep(&pause, nullptr);
  const Pair last = read_both();
  return {static_cast<double>(last.at - first.at) / (last.ns - first.ns), shortest_step_ns()};
}

Ticks measure_skew(const std::vector<int>& cpus) {
  if (cpus.size() < 2) return 0;
  Ticks worst = 0;
  std::thread driver([&] {  // a separate thread, so that the caller's affinity does not change
    pin_this_thread(cpus.front());
    for (std::size_t i = 1; i < cpus.size(); ++i) worst = std::max(worst, skew_against(cpus[i]));
  });
  driver.join();
  return worst;
}

}  // namespace racetrack::load
