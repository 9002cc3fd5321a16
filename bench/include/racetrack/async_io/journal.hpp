// The requests of a gather, and what a client wrote down about each.
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
  refused,    ///< nobody listens
  reset,      ///< the connection ended before the response did
  timed_out,  ///< the response was not whole when patience ended
  malformed,  ///< what came is no HTTP
  other
};

struct Request {
  std::uint64_t id = 0;
  std::uint16_t port = 0;                ///< on 127.0.0.1
  std::string target;                    ///< /delay/1000/id/17
  std::chrono::milliseconds patience{};  ///< from its beginning; then it has failed
};

/// What came of a request.
struct Response {
  Failure failure = Failure::none;
  std::uint64_t id = 0;  ///< that its body names; 0 when it failed
  std::string error{};   ///< for a reader, when it failed: what, where
};

/// One gather. Each chain's entries are written by one thread at a time; nothing here orders threads, so that what a client
/// does not order stays unordered.
class Journal {
 public:
  struct Entry {
    bool is_end = false;
    std::size_t step = 0;
    Ticks at = 0;
    Response response;  ///< of an end
  };

  /// What is asked for, and what must become of it: the failure of each request, none for a good one.
  using Errand = std::pair<Request, Failure>;

  explicit Journal(std::vector<std::vector<Errand>> chains) : chains_(chains.size()) {
    for (std::size_t chain = 0; chain < chains.size(); ++chain) {
      for (Errand& errand : chains[chain]) {
        chains_[chain].requests.push_back(std::move(errand.first));
        chains_[chain].outlook.push_back(errand.second);
      }
      // Made now: memory that a client's entries touch later would count as the client's.
      chains_[chain].entries.resize(2 * chains[chain].size() + 2);
    }
  }

  /// Disturbs the entries that the calling thread will make, which is the only one that may: the disturbance is its own.
  void disturb_this_thread_with(const Disturbance& disturbance) {
    disturbance_ = disturbance;
    disturbed_ = std::this_thread::get_id();
  }

  [[nodiscard]] std::size_t chains() const noexcept { return chains_.size(); }
  /// The requests of a chain, in their order.
  [[nodiscard]] std::span<const Request> requests(std::size_t chain) const noexcept { return chains_[chain].requests; }

  void begin(std::size_t chain, std::size_t step) {
    disturb();
    Entry& entry = next(chain);
    entry.step = step;
    entry.at = ticks_before();
  }
  void end(std::size_t chain, std::size_t step, Response response) {
    const Ticks now = ticks_after();
    Entry& entry = next(chain);
    entry = {true, step, now, std::move(response)};
    disturb();
  }

  /// What the client wrote down for a chain, in order.
  [[nodiscard]] std::span<const Entry> entries(std::size_t chain) const noexcept {
    return std::span(chains_[chain].entries).first(chains_[chain].used);
  }
  /// What must become of each request of a chain.
  [[nodiscard]] std::span<const Failure> outlook(std::size_t chain) const noexcept { return chains_[chain].outlook; }

 private:
  struct alignas(kApart) Chain {
    std::vector<Request> requests;
    std::vector<Failure> outlook;
    std::vector<Entry> entries;
    std::size_t used = 0;
  };

  Entry& next(std::size_t chain) {
    Chain& log = chains_[chain];
    if (log.used == log.entries.size()) log.entries.emplace_back();  // a client that says more than it should
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
