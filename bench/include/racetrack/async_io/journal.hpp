// The requests of a gather, and the client's record of each.
#pragma once

#include <chrono>
#include <cstddef>
#include <cstdint>
#include <span>
#include <string>
#include <thread>
#include <utility>
#include <vector>

#include <racetrack/clock.hpp>
#include <racetrack/platform.hpp>
#include <racetrack/scenario.hpp>

namespace racetrack::async_io {

/// How a request can fail.
enum class Failure : std::uint8_t {
  none,
  refused,    ///< no process listens on the port
  reset,      ///< the connection ended before the response was complete
  timed_out,  ///< the response was incomplete at the timeout
  malformed,  ///< the response is not HTTP
  other
};

/// A request for a client to send.
struct Request {
  std::uint64_t id = 0;
  std::uint16_t port = 0;               ///< on 127.0.0.1
  std::string target;                   ///< /delay/1000/id/17
  std::chrono::milliseconds timeout{};  ///< timeout, counted from the beginning of the request
};

/// The result of a request.
struct Response {
  Failure failure = Failure::none;
  std::uint64_t id = 0;  ///< id in the response's body; 0 when the request failed
  std::string error{};   ///< error message when the request failed; otherwise empty
};

/// The journal of one gather. One thread at a time writes the entries of a chain. The journal orders no threads, so
/// that accesses that a client does not order remain unordered.
class Journal {
 public:
  /// The begin or the end of a request.
  struct Entry {
    bool is_end = false;
    std::size_t step = 0;
    Ticks at = 0;
    Response response;  ///< set for an end
  };

  /// A request and its expected failure; `none` for a good request.
  using PlannedRequest = std::pair<Request, Failure>;

  explicit Journal(std::vector<std::vector<PlannedRequest>> chains) : chains_(chains.size()) {
    for (std::size_t chain = 0; chain < chains.size(); ++chain) {
      for (PlannedRequest& planned : chains[chain]) {
        chains_[chain].requests.push_back(std::move(planned.first));
        chains_[chain].expected_failures.push_back(planned.second);
      }
      // Allocate now, so that this memory does not count as the client's.
      chains_[chain].entries.resize(2 * chains[chain].size() + 2);
    }
  }

  /// Disturbs the calling thread, and no other, whenever it records an entry.
  void disturb_this_thread_with(const Disturbance& disturbance) {
    disturbance_ = disturbance;
    disturbed_ = std::this_thread::get_id();
  }

  /// Returns the number of chains.
  [[nodiscard]] std::size_t chains() const noexcept { return chains_.size(); }
  /// Returns the requests of a chain, in order.
  [[nodiscard]] std::span<const Request> requests(std::size_t chain) const noexcept { return chains_[chain].requests; }

  /// Records that request `step` of a chain begins.
  void begin(std::size_t chain, std::size_t step) {
    disturb();
    Entry& entry = next(chain);
    entry.step = step;
    entry.at = ticks_before();
  }
  /// Records that request `step` of a chain has ended, with its response.
  void end(std::size_t chain, std::size_t step, Response response) {
    const Ticks now = ticks_after();
    Entry& entry = next(chain);
    entry = {true, step, now, std::move(response)};
    disturb();
  }

  /// Returns the client's entries for a chain, in order.
  [[nodiscard]] std::span<const Entry> entries(std::size_t chain) const noexcept {
    return std::span(chains_[chain].entries).first(chains_[chain].used);
  }
  /// Returns the expected failure of each request of a chain.
  [[nodiscard]] std::span<const Failure> expected_failures(std::size_t chain) const noexcept {
    return chains_[chain].expected_failures;
  }

 private:
  struct alignas(kApart) Chain {
    std::vector<Request> requests;
    std::vector<Failure> expected_failures;
    std::vector<Entry> entries;
    std::size_t used = 0;
  };

  Entry& next(std::size_t chain) {
    Chain& log = chains_[chain];
    if (log.used == log.entries.size()) log.entries.emplace_back();  // the client reports more than it should
    return log.entries[log.used++];
  }
  void disturb() const noexcept {
    if (std::this_thread::get_id() == disturbed_) disturbance_();
  }

  std::vector<Chain> chains_;
  Disturbance disturbance_;
  std::thread::id disturbed_;
};

}  // namespace racetrack::async_io
