// The requests of the workloads, each with its expected failure.
#pragma once

#include <algorithm>
#include <array>
#include <chrono>
#include <cstddef>
#include <cstdint>
#include <random>
#include <string>
#include <utility>
#include <vector>

#include <racetrack/async_io/journal.hpp>
#include <racetrack/async_io/server.hpp>

namespace racetrack::async_io {

using Chains = std::vector<std::vector<Journal::PlannedRequest>>;

/// Requests per chain. As in the lecture, where coroutines A and B send two each.
inline constexpr std::size_t kSteps = 2;
/// Timeouts. A request to a good server times out only when the server has died; a request to a slow server times out
/// soon.
inline constexpr std::chrono::milliseconds kTimeout = std::chrono::seconds(30), kShortTimeout{20};

/// Generates requests with unique ids. Not thread-safe.
class RequestPlanner {
 public:
  /// `delay` is the server's response delay. With `jitter`, each delay is random, from 0 to twice `delay`, so that
  /// responses arrive in another order than the requests.
  RequestPlanner(const Server& server, std::chrono::microseconds delay, bool jitter, std::uint64_t seed)
      : server_(server), delay_(static_cast<std::uint64_t>(delay.count())), jitter_(jitter), dice_(seed) {}

  /// Returns `count` chains of good requests.
  Chains good(std::size_t count) {
    Chains chains(count);
    for (auto& chain : chains) {
      while (chain.size() < kSteps) chain.push_back(good());
    }
    return chains;
  }

  /// Returns `count` chains. For each of `failures`, a request of another chain is replaced by one that must fail in
  /// this way. `failures` must not be longer than `count`.
  Chains with_failures(std::size_t count, const std::vector<Failure>& failures) {
    Chains chains = good(count);
    std::vector<std::size_t> order(chains.size());
    for (std::size_t i = 0; i < order.size(); ++i) order[i] = i;
    std::shuffle(order.begin(), order.end(), dice_);
    for (std::size_t i = 0; i < failures.size(); ++i) chains[order[i]][dice_() % kSteps] = bad(failures[i]);
    return chains;
  }

  /// Returns `count` chains of one request each. The server delays their responses until Server::release().
  Chains held(std::size_t count) {
    Chains chains(count);
    for (auto& chain : chains) chain.push_back(planned("hold", 0, server_.port(), kTimeout, Failure::none));
    return chains;
  }

 private:
  Journal::PlannedRequest planned(const std::string& what, std::uint64_t amount, std::uint16_t port,
                                  std::chrono::milliseconds timeout, Failure expected) {
    const std::uint64_t id = ++last_id_;
    std::string target = "/" + what + "/" + std::to_string(amount) + "/id/" + std::to_string(id);
    return {{id, port, std::move(target), timeout}, expected};
  }
  Journal::PlannedRequest good() {
    const std::uint64_t delay = jitter_ ? std::uniform_int_distribution<std::uint64_t>(0, 2 * delay_)(dice_) : delay_;
    return planned("delay", delay, server_.port(), kTimeout, Failure::none);
  }
  Journal::PlannedRequest bad(Failure failure) {
    constexpr std::uint64_t kDrip = 1000;  // microseconds between two bytes
    switch (failure) {
      case Failure::refused: return planned("delay", 0, server_.refusing_port(), kTimeout, failure);
      case Failure::reset: return planned("reset", dice_() % 2000, server_.port(), kTimeout, failure);
      case Failure::timed_out: return planned("slow", kDrip, server_.port(), kShortTimeout, failure);
      case Failure::malformed: return planned("garbage", 0, server_.port(), kTimeout, failure);
      default: return good();
    }
  }

  const Server& server_;
  std::uint64_t delay_;
  bool jitter_;
  std::mt19937_64 dice_;
  std::uint64_t last_id_ = 0;
};

}  // namespace racetrack::async_io
