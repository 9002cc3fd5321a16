// Who is sent where: the requests of the workloads.
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

using Chains = std::vector<std::vector<Journal::Errand>>;

/// Requests of a chain, as in the lecture: coroutines A and B make two each.
inline constexpr std::size_t kSteps = 2;
/// A good request fails only when the server has gone; a slow one is given up soon.
inline constexpr std::chrono::milliseconds kPatience = std::chrono::seconds(30), kLittlePatience{20};

class Errands {
 public:
  /// `jitter`: delays are drawn from 0 to twice `delay`, so that responses come in another order than requests went.
  Errands(const Server& server, std::chrono::microseconds delay, bool jitter, std::uint64_t seed)
      : server_(server), delay_(static_cast<std::uint64_t>(delay.count())), jitter_(jitter), dice_(seed) {}

  /// `count` chains of good requests.
  Chains good(std::size_t count) {
    Chains chains(count);
    for (auto& chain : chains) {
      while (chain.size() < kSteps) chain.push_back(good());
    }
    return chains;
  }

  /// The same with a request of some chains, one for each of `failures`, replaced by one that must fail so. Not more of these
  /// than chains.
  Chains with_failures(std::size_t count, const std::vector<Failure>& failures) {
    Chains chains = good(count);
    std::vector<std::size_t> order(chains.size());
    for (std::size_t i = 0; i < order.size(); ++i) order[i] = i;
    std::shuffle(order.begin(), order.end(), dice_);
    for (std::size_t i = 0; i < failures.size(); ++i) chains[order[i]][dice_() % kSteps] = bad(failures[i]);
    return chains;
  }

  /// `count` chains of one request each, which wait until the server releases them.
  Chains held(std::size_t count) {
    Chains chains(count);
    for (auto& chain : chains) chain.push_back(errand("hold", 0, server_.port(), kPatience, Failure::none));
    return chains;
  }

 private:
  Journal::Errand errand(const std::string& what, std::uint64_t amount, std::uint16_t port,
                         std::chrono::milliseconds patience, Failure outlook) {
    const std::uint64_t id = ++last_id_;
    std::string target = "/" + what + "/" + std::to_string(amount) + "/id/" + std::to_string(id);
    return {{id, port, std::move(target), patience}, outlook};
  }
  Journal::Errand good() {
    const std::uint64_t delay = jitter_ ? std::uniform_int_distribution<std::uint64_t>(0, 2 * delay_)(dice_) : delay_;
    return errand("delay", delay, server_.port(), kPatience, Failure::none);
  }
  Journal::Errand bad(Failure failure) {
    constexpr std::uint64_t kDrip = 1000;  // microseconds between two bytes
    switch (failure) {
      case Failure::refused: return errand("delay", 0, server_.refusing_port(), kPatience, failure);
      case Failure::reset: return errand("reset", dice_() % 2000, server_.port(), kPatience, failure);
      case Failure::timed_out: return errand("slow", kDrip, server_.port(), kLittlePatience, failure);
      case Failure::malformed: return errand("garbage", 0, server_.port(), kPatience, failure);
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
