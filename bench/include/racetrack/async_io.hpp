// The async_io family: how well a program waits for many HTTP responses at once, and whether one failed request affects
// the others.
// Register a client with registry.add<racetrack::async_io::Family, MyClient>("my_client", {...}).
#pragma once

#include <memory>
#include <stdexcept>
#include <string>
#include <string_view>
#include <vector>

#include <racetrack/async_io/contract.hpp>
#include <racetrack/async_io/gather.hpp>
#include <racetrack/scenario.hpp>

namespace racetrack::async_io {

/// Largest value of the parameter `requests`. The process needs a port for each concurrent request.
inline constexpr std::uint64_t kMostRequests = 20'000;

/// Registers the workloads `gather` and `bad_server` for a client.
struct Family {
  using Traits = async_io::Traits;

  template <Client Subject>
  static void describe(Registry& registry, std::string_view name, const Traits& traits, const Expectation& expectation,
                       Standing standing) {
    add_gather<Subject>(registry, name, traits, expectation, standing);
    add_bad_server<Subject>(registry, name, traits, expectation, standing);
  }

  template <Client Subject>
  static void add_gather(Registry& registry, std::string_view name, const Traits& traits,
                         const Expectation& expectation, Standing standing) {
    Scenario scenario = base("gather", name, traits, expectation, standing);
    scenario.axes = {{.name = "requests",
                      .defaults = {"2", "1000"},
                      .full = {"1", "2", "10", "100", "1000"},
                      .stress = {"10"},
                      .largest = kMostRequests},
                     {.name = "delay_ms", .defaults = {"1"}, .full = {"1", "10"}, .smallest = 0, .largest = 2'000}};
    const auto shared = std::make_shared<SharedState>();
    scenario.make_round = [shared](const RoundPlan& plan) -> std::unique_ptr<Round> {
      return std::make_unique<Gather<Subject>>(plan, shared, std::vector<Failure>{});
    };
    registry.add(std::move(scenario));
  }

  /// Registers `bad_server`. The default sweep omits it, because it checks correctness and not speed.
  template <Client Subject>
  static void add_bad_server(Registry& registry, std::string_view name, const Traits& traits,
                             const Expectation& expectation, Standing standing) {
    Scenario scenario = base("bad_server", name, traits, expectation, standing);
    scenario.axes = {{.name = "requests", .defaults = {"10"}, .full = {"10"}, .largest = kMostRequests},
                     {.name = "behaviour",
                      .defaults = {},
                      .full = {"refused", "reset", "slow", "garbage", "all"},
                      .stress = {"all"},
                      .words = {"refused", "reset", "slow", "garbage", "all"}}};
    const auto shared = std::make_shared<SharedState>();
    scenario.make_round = [shared](const RoundPlan& plan) -> std::unique_ptr<Round> {
      return std::make_unique<Gather<Subject>>(plan, shared, failures_of(plan.params.text("behaviour")));
    };
    registry.add(std::move(scenario));
  }

 private:
  static Scenario base(std::string workload, std::string_view name, const Traits& traits,
                       const Expectation& expectation, Standing standing) {
    Scenario scenario;
    scenario.family = "async_io";
    scenario.explored_work = 0;  // not explored: the server is another process
    scenario.workload = std::move(workload);
    scenario.subject = name;
    scenario.standing = standing;
    scenario.expectation = expectation;
    scenario.traits = to_list(traits);
    scenario.latencies = {"request"};
    scenario.unit = "request";
    scenario.least_work = kSteps;
    // With more requests than this, a round is one gather: waiting for a response takes long enough to time.
    scenario.most_work = 64;
    scenario.refuse = [](const Parameters& params) { return refuse_connections(params.number("requests")); };
    return scenario;
  }

  static std::vector<Failure> failures_of(const std::string& behaviour) {
    if (behaviour == "refused") return {Failure::refused};
    if (behaviour == "reset") return {Failure::reset};
    if (behaviour == "slow") return {Failure::timed_out};
    if (behaviour == "garbage") return {Failure::malformed};
    if (behaviour == "all") return {Failure::refused, Failure::reset, Failure::timed_out, Failure::malformed};
    throw std::invalid_argument("behaviour:" + behaviour + " is unknown");
  }
};

}  // namespace racetrack::async_io
