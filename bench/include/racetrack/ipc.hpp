// The ipc family: the cost of passing items to another process, and whether one process notices the death of the other.
// Register a channel with registry.add<racetrack::ipc::Family, MyChannel>("my_channel", {...}).
#pragma once

#include <cstdint>
#include <memory>
#include <optional>
#include <stdexcept>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include <racetrack/expectations.hpp>
#include <racetrack/ipc/contract.hpp>
#include <racetrack/ipc/peer_killed.hpp>
#include <racetrack/ipc/round_trip.hpp>
#include <racetrack/ipc/transfer.hpp>
#include <racetrack/probe.hpp>
#include <racetrack/queue/item.hpp>
#include <racetrack/scenario.hpp>

namespace racetrack::ipc {

/// The expectation for a channel that does not report the death of the other process, so that its user waits without
/// end. The watchdog must report it. A thread that sleeps on a futex is reported as a lost wakeup, any other as a hang.
inline Expectation expect_unnoticed_death() {
  return {{.detector = "watchdog", .kind = "*", .grade = Grade::must},
          {.detector = "lock_graph", .kind = "lost_wakeup", .grade = Grade::may}};
}

/// Limits on the work of a round: fillings of the smallest channel, and round trips. When other processes compete for
/// the processors, each switch between the two sides may take milliseconds, and the round must end before the
/// watchdog's time limit.
inline constexpr std::uint64_t kMostFillings = 100, kMostTrips = 200;

/// Describes the workloads of one channel. Family and Control share it.
template <template <class> class Channel>
class Workloads {
 public:
  Workloads(std::string_view name, Traits traits, Expectation expectation, Standing standing)
      : name_(name), traits_(std::move(traits)), expectation_(std::move(expectation)), standing_(standing) {}

  void add_transfer(Registry& registry) const {
    Scenario scenario = of_items("transfer");
    if (traits_.bounded) scenario.most_work = kMostFillings * traits_.most_capacity;
    set_maker<Transfer>(scenario);
    registry.add(std::move(scenario));
  }
  void add_round_trip(Registry& registry) const {
    Scenario scenario = of_items("round_trip");
    scenario.latencies = {"trip"};
    scenario.unit = "trip";
    scenario.most_work = kMostTrips;
    set_maker<RoundTrip>(scenario);
    registry.add(std::move(scenario));
  }
  /// Registers `peer_killed` for stress and for the full sweep, not for the default sweep.
  void add_peer_killed(Registry& registry) const {
    Scenario scenario = base("peer_killed");
    for (Axis& axis : scenario.axes) axis.defaults.clear();
    scenario.latencies = {"notice"};
    scenario.unit = "kill";
    scenario.least_work = 1;
    scenario.most_work = 1;
    scenario.make_round = [traits = traits_](const RoundPlan& plan) {
      return make(plan, [&]<std::size_t kBytes>(Payload<kBytes>) -> std::unique_ptr<Round> {
        return std::make_unique<PeerKilled<Channel<queue::Item<kBytes>>, queue::Item<kBytes>>>(plan, traits);
      });
    };
    registry.add(std::move(scenario));
  }

 private:
  template <std::size_t kBytes>
  struct Payload {};

  [[nodiscard]] Scenario base(std::string workload) const {
    static_assert(
        ChannelOf<Channel<queue::Item<8>>, queue::Item<8>>,
        "a channel needs producer(), whose push(const Item&) returns bool, consumer(), whose pop(Item&) returns "
        "bool, and a constructor from its capacity");
    Scenario scenario;
    scenario.family = "ipc";
    scenario.explored_work = 0;  // not explored: a round has two processes
    scenario.workload = std::move(workload);
    scenario.subject = name_;
    scenario.standing = standing_;
    scenario.expectation = expectation_;
    scenario.traits = to_list(traits_);
    scenario.axes = {capacity(), payload()};
    if (!traits_.in_default_sweep) scenario.axes.front().defaults.clear();
    scenario.refuse = [traits = traits_](const Parameters& params) -> std::optional<std::string> {
      const std::uint64_t asked = params.number("capacity");
      const std::uint64_t actual = traits.bounded ? traits.actual_capacity(asked) : asked;
      if (actual == asked) return std::nullopt;
      return "its capacity would be " + std::to_string(actual) + ", not " + std::to_string(asked);
    };
    return scenario;
  }
  [[nodiscard]] Scenario of_items(std::string workload) const {
    Scenario scenario = base(std::move(workload));
    scenario.oracles = {"conservation", "fifo"};
    if (traits_.bounded) scenario.oracles.emplace_back("capacity");
    scenario.oracles.emplace_back("linearizable_queue");
    return scenario;
  }

  [[nodiscard]] Axis capacity() const {
    constexpr const char* kKernel = "kernel";
    if (!traits_.bounded) {
      return {.name = "capacity",
              .defaults = {kKernel},
              .full = {kKernel},
              .stress = {kKernel},
              .largest = 0,
              .words = {kKernel}};
    }
    return {.name = "capacity",
            .defaults = {traits_.capacities.back()},
            .full = traits_.capacities,
            .stress = {traits_.capacities.front()},
            .largest = traits_.most_capacity};
  }
  /// Under stress, the payload has several words, so that a torn item is possible.
  static Axis payload() {
    return {.name = "payload",
            .defaults = {"8"},
            .full = {"8", "64", "256"},
            .stress = {"64"},
            .largest = 0,
            .words = {"8", "64", "256"}};
  }

  template <class Make>
  static std::unique_ptr<Round> make(const RoundPlan& plan, Make&& make_with) {
    switch (plan.params.number("payload", 8)) {
      case 8: return make_with(Payload<8>{});
      case 64: return make_with(Payload<64>{});
      case 256: return make_with(Payload<256>{});
      default: throw std::invalid_argument("the workload has no items of that payload");
    }
  }
  template <template <class, class, class> class Workload>
  void set_maker(Scenario& scenario) const {
    scenario.make_round = [traits = traits_](const RoundPlan& plan) {
      return make(plan, [&]<std::size_t kBytes>(Payload<kBytes>) -> std::unique_ptr<Round> {
        using Item = queue::Item<kBytes>;
        switch (plan.probe) {
          case ProbeKind::throughput:
            return std::make_unique<Workload<Channel<Item>, Item, ThroughputProbe>>(plan, traits);
          case ProbeKind::latency: break;
          case ProbeKind::history: return std::make_unique<Workload<Channel<Item>, Item, HistoryProbe>>(plan, traits);
        }
        throw std::invalid_argument("the workload has no such probe");
      });
    };
  }

  std::string name_;
  Traits traits_;
  Expectation expectation_;
  Standing standing_;
};

/// Registers every workload. A channel that does not report death gets a control named NAME_unreported_death for
/// `peer_killed`. Failing there is expected and does not exclude the channel from the other comparisons.
struct Family {
  using Traits = ipc::Traits;

  template <template <class> class Channel>
  static void describe(Registry& registry, std::string_view name, const Traits& traits, const Expectation& expectation,
                       Standing standing) {
    const Workloads<Channel> workloads(name, traits, expectation, standing);
    workloads.add_transfer(registry);
    workloads.add_round_trip(registry);
    if (traits.notices_death) {
      workloads.add_peer_killed(registry);
    } else {
      Workloads<Channel>(std::string(name) + "_unreported_death", traits, expect_unnoticed_death(), Standing::control)
          .add_peer_killed(registry);
    }
  }
};

/// Registers `peer_killed` only, for known-bad channels.
struct Control {
  using Traits = ipc::Traits;

  template <template <class> class Channel>
  static void describe(Registry& registry, std::string_view name, const Traits& traits, const Expectation& expectation,
                       Standing standing) {
    Workloads<Channel>(name, traits, expectation, standing).add_peer_killed(registry);
  }
};

}  // namespace racetrack::ipc
