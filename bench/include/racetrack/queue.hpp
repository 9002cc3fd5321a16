// The queue family: registry.add<racetrack::queue::Family, MyQueue>("my_queue", {...}) registers every workload that
// the queue's traits and operations allow.
#pragma once

#include <algorithm>
#include <bit>
#include <cstdint>
#include <memory>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include <racetrack/probe.hpp>
#include <racetrack/queue/burst.hpp>
#include <racetrack/queue/contract.hpp>
#include <racetrack/queue/paced.hpp>
#include <racetrack/queue/round_trip.hpp>
#include <racetrack/queue/shutdown.hpp>
#include <racetrack/queue/transfer.hpp>
#include <racetrack/scenario.hpp>

namespace racetrack::queue {

/// Largest capacity, and largest number of threads per side, that a user may choose.
inline constexpr std::uint64_t kMostCapacity = std::uint64_t{1} << 24;
inline constexpr std::uint64_t kMostThreads = 128;

/// The engines that a family's rounds are compiled for. Each engine needs an instantiation of every role per probe.
enum class Engines : std::uint8_t { all, stress };

/// The workloads for items of these sizes, compiled for these engines. The families below share it.
template <Engines kEngines, std::size_t... kPayloads>
class Workloads {
 protected:
  using Values = std::vector<std::string>;
  /// The payloads, in bytes, that a workload is compiled for.
  template <std::size_t... kBytes>
  struct Sizes {
    static Values values() { return {std::to_string(kBytes)...}; }
  };
  using AllSizes = Sizes<kPayloads...>;

  template <template <class> class Subject>
  struct Common {
    template <std::size_t Bytes>
    using Carried = typename Cargo<Subject, Bytes>::Carried;
    template <std::size_t Bytes>
    using Queue = Subject<Carried<Bytes>>;
    static_assert(QueueOf<Queue<8>, Carried<8>>,
                  "a queue needs try_push(T) and try_pop(T&), or push(T) and T pop(), for T = Item or Item*, and a "
                  "constructor from its capacity");

    static constexpr bool kTries = TriesItems<Queue<8>, Carried<8>>;
    static constexpr bool kBlocks = BlocksWithItems<Queue<8>, Carried<8>>;

    std::string name;
    Traits traits;
    Expectation expectation;
    Standing standing;

    void add_transfer(Registry& registry) const {
      Scenario scenario = base("transfer", {"1", "2"}, {"1", "2", "4"}, {"1", "2"}, {"1", "2", "4"}, {"1024"},
                               {"5", "64", "1024"}, AllSizes::values());
      scenario.latency_rounds = true;
      scenario.latencies = {"push", "pop"};
      search_small_capacities(scenario);
      set_maker<Transfer>(scenario, AllSizes());
      registry.add(std::move(scenario));
    }
    void add_round_trip(Registry& registry) const {
      Scenario scenario = base("round_trip", {"1"}, {"1"}, {"1"}, {"1"}, {"1024"}, {"64", "1024"}, AllSizes::values());
      one_to_one(scenario);
      scenario.latencies = {"trip"};
      scenario.unit = "trip";
      scenario.most_work = 1'000'000;
      set_maker<RoundTrip>(scenario, AllSizes());
      registry.add(std::move(scenario));
    }
    void add_paced(Registry& registry) const {
      using Payloads = std::conditional_t<sizeof...(kPayloads) == 1, AllSizes, Sizes<8, 64>>;
      Scenario scenario = base("paced", {"1"}, {"1", "2"}, {"1"}, {"1", "2"}, {"1024"}, {"1024"}, Payloads::values());
      scenario.axes.insert(scenario.axes.end() - 1, Axis{.name = "rate_per_s",
                                                         .defaults = {"100000", "1000000"},
                                                         .full = {"10000", "100000", "1000000", "4000000"},
                                                         .explore = {"1000000000"},
                                                         .smallest = 100,
                                                         .largest = 1'000'000'000});
      scenario.latencies = {"delivery"};
      scenario.latencies_cross_cores = true;
      scenario.most_work = 10'000'000;
      set_maker<Paced>(scenario, Payloads());
      registry.add(std::move(scenario));
    }
    void add_burst(Registry& registry) const {
      Scenario scenario =
          base("burst", {"1"}, {"1", "2"}, {"1"}, {"1", "2"}, {"1024"}, {"64", "1024"}, AllSizes::values());
      scenario.least_work = Burst<Queue<8>, Carried<8>, ThroughputProbe>::kUnboundedBurst;
      set_maker<Burst>(scenario, AllSizes());
      registry.add(std::move(scenario));
    }
    void add_shutdown(Registry& registry) const {
      if (traits.consumers == single) return;       // the lecture's program has two workers
      if (traits.order != fifo && !kTries) return;  // draining behind a sentinel needs try_pop
      using Payloads = Sizes<8>;
      Scenario scenario =
          base("shutdown", {"1"}, {"1", "2"}, {"2"}, {"2", "4"}, {"5"}, {"5", "64"}, Payloads::values());
      set_maker<Shutdown>(scenario, Payloads());
      registry.add(std::move(scenario));
    }

   private:
    [[nodiscard]] Scenario base(std::string workload, Values producers, Values all_producers, Values consumers,
                                Values all_consumers, const Values& capacities, const Values& all_capacities,
                                const Values& payloads) const {
      Scenario scenario;
      scenario.family = "queue";
      scenario.workload = std::move(workload);
      scenario.subject = name;
      scenario.standing = standing;
      scenario.expectation = expectation;
      scenario.traits = to_list(traits, !CarriesValues<Subject, 8>);
      scenario.axes = {threads("producers", traits.producers, std::move(producers), std::move(all_producers)),
                       threads("consumers", traits.consumers, std::move(consumers), std::move(all_consumers)),
                       capacity(capacities, all_capacities), payload(payloads), wait()};
      scenario.oracles = {"conservation"};
      // The first of several equal verdicts is reported, so the most specific kind comes first.
      if (traits.order == fifo) scenario.oracles.push_back("fifo");
      if (traits.order == per_producer) scenario.oracles.push_back("per_producer");
      if (traits.bounded) scenario.oracles.push_back("capacity");
      if (traits.order == fifo) scenario.oracles.push_back("linearizable_queue");
      if (traits.empty == exact) scenario.oracles.push_back("emptiness");
      if (traits.bounded && traits.full == exact) scenario.oracles.push_back("full");
      scenario.counters = {"failed_push", "failed_pop", "torn"};
      scenario.case_traits = [traits = traits](const Parameters& params) -> TraitList {
        if (!traits.bounded) return {};
        return {{"capacity_actual", static_cast<std::int64_t>(traits.actual_capacity(params.number("capacity")))}};
      };
      scenario.refuse = [traits = traits](const Parameters& params) { return refuse(traits, params); };
      return scenario;
    }

    /// The default is the smallest size. Stress uses a larger size, if there is one, so that a torn item is possible.
    static Axis payload(const Values& sizes) {
      return {.name = "payload",
              .defaults = {sizes.front()},
              .full = sizes,
              .stress = {sizes[sizes.size() / 2]},
              .explore = {sizes.front()},
              .smallest = 8,
              .largest = 0,
              .words = sizes};
    }
    static Axis threads(std::string name, Side side, Values defaults, Values full) {
      if (side == single) return {.name = std::move(name), .defaults = {"1"}, .full = {"1"}, .largest = 1};
      return {.name = std::move(name),
              .defaults = std::move(defaults),
              .full = std::move(full),
              .stress = {"2"},
              .explore = {"2"},
              .largest = kMostThreads};
    }
    [[nodiscard]] Axis capacity(const Values& defaults, const Values& full) const {
      if (!traits.bounded) {
        return {
            .name = "capacity", .defaults = {kUnbounded}, .full = {kUnbounded}, .largest = 0, .words = {kUnbounded}};
      }
      // Stress uses a small queue, which is often full and often empty.
      const std::uint64_t small = traits.actual_capacity(4) == 4 ? 4 : 64;
      return {.name = "capacity",
              .defaults = defaults,
              .full = full,
              .stress = {std::to_string(small)},
              .explore = {std::to_string(traits.actual_capacity(2) == 2 ? 2 : small)},
              .judge = odd_capacities(),
              .largest = kMostCapacity};
    }
    /// The default is the subject's own blocking if it has blocking operations, else yielding, which suffers least when
    /// threads outnumber cores.
    static Axis wait() {
      Axis axis{.name = "wait", .defaults = {kBlocks ? "block" : "yield"}, .full = {}, .largest = 0};
      if (kTries) axis.full = {"spin", "yield"};
      if (kBlocks) axis.full.push_back("block");
      axis.words = axis.full;
      return axis;
    }
    static std::optional<std::string> refuse(const Traits& traits, const Parameters& params) {
      if (!traits.bounded) return std::nullopt;
      const std::uint64_t asked = params.number("capacity");
      const std::uint64_t actual = traits.actual_capacity(asked);
      // A burst of `asked` items must fit. Below 64, the bound is the purpose of the case, so it must be exact.
      if (actual < asked || (actual != asked && asked < 64)) {
        return "its capacity would be " + std::to_string(actual) + ", not " + std::to_string(asked);
      }
      return std::nullopt;
    }
    /// Returns 1 and the smallest capacity that is not a power of two, each only if the queue has exactly this
    /// capacity. They expose index arithmetic and masks that need a power of two or at least two slots.
    [[nodiscard]] Values odd_capacities() const {
      Values values;
      const auto exact_at = [&](std::uint64_t asked) { return traits.actual_capacity(asked) == asked; };
      if (exact_at(1)) values.emplace_back("1");
      for (std::uint64_t asked = 3; asked < 64; ++asked) {
        if (std::has_single_bit(asked) || !exact_at(asked)) continue;
        values.push_back(std::to_string(asked));
        break;
      }
      return values;
    }
    void search_small_capacities(Scenario& scenario) const {
      if (!traits.bounded || odd_capacities().empty()) return;
      for (Axis& axis : scenario.axes) {
        if (axis.name == "capacity") axis.stress = axis.explore = odd_capacities();
      }
    }
    static void one_to_one(Scenario& scenario) {
      for (Axis& axis : scenario.axes) {
        if (axis.name != "producers" && axis.name != "consumers") continue;
        axis.largest = 1;
        axis.stress = axis.explore = {"1"};
      }
    }

    template <template <class, class, class> class Workload, std::size_t... kBytes>
    void set_maker(Scenario& scenario, Sizes<kBytes...>) const {
      scenario.make_round = [traits = traits](const RoundPlan& plan) -> std::unique_ptr<Round> {
        constexpr std::size_t kSmallest = std::min({kBytes...});
        const std::uint64_t payload = plan.params.number("payload", kSmallest);
        std::unique_ptr<Round> round;
        static_cast<void>(((payload == kBytes && (round = make<Workload, kBytes>(plan, traits)) != nullptr) || ...));
        if (round == nullptr) throw std::invalid_argument("the workload has no items of that payload");
        return round;
      };
    }
    template <template <class, class, class> class Workload, std::size_t Bytes>
    static std::unique_ptr<Round> make(const RoundPlan& plan, const Traits& traits) {
      using Q = Queue<Bytes>;
      using C = Carried<Bytes>;
      if (plan.probe == ProbeKind::history) return std::make_unique<Workload<Q, C, HistoryProbe>>(plan, traits);
      if constexpr (kEngines == Engines::all) {
        if (plan.probe == ProbeKind::throughput) {
          return std::make_unique<Workload<Q, C, ThroughputProbe>>(plan, traits);
        }
        // Other workloads measure their latencies themselves, with the throughput probe.
        if constexpr (std::is_same_v<Workload<Q, C, ThroughputProbe>, Transfer<Q, C, ThroughputProbe>>) {
          return std::make_unique<Workload<Q, C, LatencyProbe>>(plan, traits);
        }
      }
      throw std::invalid_argument("the workload has no such probe");
    }
  };
};

template <std::size_t... kPayloads>
struct FamilyOf : private Workloads<Engines::all, kPayloads...> {
  using Traits = queue::Traits;

  template <template <class> class Subject>
  static void describe(Registry& registry, std::string_view name, const Traits& traits, const Expectation& expectation,
                       Standing standing) {
    using Common = typename Workloads<Engines::all, kPayloads...>::template Common<Subject>;
    const Common common{std::string(name), traits, expectation, standing};
    common.add_transfer(registry);
    common.add_round_trip(registry);
    common.add_paced(registry);
    common.add_burst(registry);
    common.add_shutdown(registry);
  }
};

/// For queues of items of any size.
using Family = FamilyOf<8, 64, 256>;
/// For queues whose items are single machine words.
using Words = FamilyOf<8>;

/// Registers `transfer` with items of one size, untimed: for known-bad queues and their corrected twins.
template <std::size_t kPayload>
struct Control : private Workloads<Engines::stress, kPayload> {
  using Traits = queue::Traits;

  template <template <class> class Subject>
  static void describe(Registry& registry, std::string_view name, const Traits& traits, const Expectation& expectation,
                       Standing standing) {
    using Common = typename Workloads<Engines::stress, kPayload>::template Common<Subject>;
    Common{std::string(name), traits, expectation, standing}.add_transfer(registry);
  }
};

}  // namespace racetrack::queue
