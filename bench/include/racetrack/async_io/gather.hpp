// gather: the lecture's asyncio.gather. All chains of two HTTP requests each run concurrently, and the caller waits for
// all of them.
//
//   A: [request 1 ....... response 1][request 2 ....... response 2] --+
//   B: [request 1 ...... response 1][request 2 ........ response 2] --+--> all done
//   ...                                                             --+
//
// Metrics: requests per second, latency, memory of a waiting request, threads.
//
// bad_server: the same, with some requests to a server that refuses, resets, responds slowly or sends garbage. Only
// these requests may fail.
#pragma once

#include <algorithm>
#include <chrono>
#include <cstddef>
#include <cstdint>
#include <memory>
#include <optional>
#include <string>
#include <thread>
#include <vector>

#include <sys/resource.h>

#include <racetrack/async_io/contract.hpp>
#include <racetrack/async_io/footprint.hpp>
#include <racetrack/async_io/journal.hpp>
#include <racetrack/async_io/judgement.hpp>
#include <racetrack/async_io/request_planner.hpp>
#include <racetrack/async_io/server.hpp>
#include <racetrack/scenario.hpp>

namespace racetrack::async_io {

/// Descriptors that a process needs in addition to its connections.
inline constexpr std::uint64_t kOtherDescriptors = 64;

/// The state that the rounds of a scenario share in one process: the server, which the first round starts, and the
/// measurement that is taken once. Only the driving thread uses it.
struct SharedState {
  std::optional<Server> server;
  std::optional<Footprint> waiting;  ///< of `waiting_requests` concurrent requests
  std::size_t waiting_requests = 0;
};

/// Returns why this process cannot open so many connections, or nothing.
inline std::optional<std::string> refuse_connections(std::uint64_t connections) {
  rlimit limit{};
  getrlimit(RLIMIT_NOFILE, &limit);
  if (connections + kOtherDescriptors <= limit.rlim_max) return std::nullopt;
  return "needs " + std::to_string(connections + kOtherDescriptors) + " descriptors, the limit is " +
         std::to_string(limit.rlim_max) + " (ulimit -Hn)";
}

/// A round of `gather` or `bad_server`.
template <Client Subject>
class Gather final : public Round {
 public:
  /// `failures` lists the requests that must fail in each gather; it is empty for a good server.
  Gather(const RoundPlan& plan, std::shared_ptr<SharedState> shared, const std::vector<Failure>& failures)
      : plan_(plan),
        chains_(std::max<std::size_t>(plan.params.number("requests", 2), failures.size())),
        shared_(std::move(shared)),
        measures_(plan.probe == ProbeKind::throughput && failures.empty()) {
    raise_limit();
    if (!shared_->server) shared_->server.emplace();
    const std::chrono::milliseconds delay(plan.params.number("delay_ms", 1));
    RequestPlanner planner(*shared_->server, delay, plan.probe == ProbeKind::history, plan.seed);
    const std::uint64_t gathers = std::max<std::uint64_t>(1, plan.work / (kSteps * chains_));
    for (std::uint64_t gather = 0; gather < gathers; ++gather) {
      journals_.emplace_back(planner.with_failures(chains_, failures));
    }
    descriptors_before_ = count_descriptors();
  }

  [[nodiscard]] std::vector<Role> roles() const override { return {{"caller", 1}}; }

  void run(std::size_t /*thread*/, ThreadLog& log) override {
    const Usage before = Usage::now();
    for (Journal& journal : journals_) {
      if (plan_.stop->raised()) break;
      if (plan_.probe == ProbeKind::history) journal.disturb_this_thread_with(log.disturbance);
      Subject client;
      client.gather(journal);
      ++gathered_;
    }
    used_ = Usage::now().less(before);
    log.work_done = gathered_ * kSteps * chains_;
  }

  void settle(ThreadLog& log) override {
    descriptors_after_ = count_descriptors();
    for (std::size_t gather = 0; gather < gathered_; ++gather) {
      for (std::size_t chain = 0; chain < chains_; ++chain) note(journals_[gather], chain, log);
    }
    if (measures_ && !shared_->waiting) measure_waiting();
  }

  [[nodiscard]] Verdict check() const override {
    Verdict worst;
    for (std::size_t gather = 0; gather < gathered_; ++gather) {
      Verdict verdict = judge(journals_[gather], plan_.clock);
      if (verdict.result == Result::fail) return verdict;
      if (verdict.result > worst.result) worst = std::move(verdict);
    }
    if (descriptors_after_ > descriptors_before_) {
      return {Result::fail, "leak", "oracle.descriptors",
              std::to_string(descriptors_before_) + " descriptors were open before " + std::to_string(gathered_) +
                  " gathers, " + std::to_string(descriptors_after_) + " after them"};
    }
    return worst;
  }

  [[nodiscard]] std::vector<Measurement> measurements() const override {
    if (!shared_->waiting || gathered_ == 0) return {};
    const Footprint& waiting = *shared_->waiting;
    const auto requests = static_cast<double>(shared_->waiting_requests);
    return {{"cpu_ns_per_request", used_.cpu_ns / static_cast<double>(gathered_ * kSteps * chains_)},
            {"switches_per_request_ratio", used_.switches / static_cast<double>(gathered_ * kSteps * chains_)},
            {"waiting_requests_count", requests},
            {"threads_count", waiting.threads + 1},  // and the caller
            {"bytes_per_waiting_request", waiting.all() / requests},
            {"touched_bytes_per_waiting_request", waiting.touched / requests},
            {"page_table_bytes_per_waiting_request", waiting.page_tables / requests},
            {"kernel_stack_bytes_per_waiting_request", waiting.kernel_stacks() / requests}};
  }

 private:
  /// The processor time and context switches of the whole process, because a client starts threads that the team does
  /// not know.
  struct Usage {
    double cpu_ns = 0, switches = 0;

    static Usage now() noexcept {
      rusage usage{};
      getrusage(RUSAGE_SELF, &usage);
      const auto ns = [](const timeval& time) {
        return static_cast<double>(time.tv_sec) * 1e9 + static_cast<double>(time.tv_usec) * 1e3;
      };
      return {ns(usage.ru_utime) + ns(usage.ru_stime), static_cast<double>(usage.ru_nvcsw + usage.ru_nivcsw)};
    }
    [[nodiscard]] Usage less(const Usage& before) const noexcept {
      return {cpu_ns - before.cpu_ns, switches - before.switches};
    }
  };

  /// Raises the soft limit of descriptors to the hard limit: a thousand connections exceed the usual soft limit.
  static void raise_limit() {
    rlimit limit{};
    getrlimit(RLIMIT_NOFILE, &limit);
    if (limit.rlim_cur == limit.rlim_max) return;
    limit.rlim_cur = limit.rlim_max;
    setrlimit(RLIMIT_NOFILE, &limit);
  }

  /// Records the latencies of a finished chain, or its requests as operations.
  void note(const Journal& journal, std::size_t chain, ThreadLog& log) const {
    Ticks begun = 0;
    for (const Journal::Entry& entry : journal.entries(chain)) {
      if (!entry.is_end) {
        begun = entry.at;
      } else if (plan_.probe == ProbeKind::history) {
        const Outcome outcome = entry.response.failure == Failure::none ? Outcome::ok : Outcome::pending;
        log.operations.push_back({entry.response.id, plan_.stamped ? begun : 0, plan_.stamped ? entry.at : 0,
                                  static_cast<std::uint32_t>(chain), 0, Action::run, outcome});
      } else if (entry.response.failure == Failure::none) {
        log.latencies[0].record(entry.at - begun);
      }
    }
  }

  /// Measures the memory of a gather while all of its requests wait at the server. The server holds the responses until
  /// the last request has arrived.
  void measure_waiting() {
    Server& server = *shared_->server;
    const std::size_t requests = Subject::at_once(chains_);
    RequestPlanner planner(server, {}, false, plan_.seed);
    Journal journal(planner.held(requests));
    Footprint before, at_peak;
    {
      server.hold(requests);
      std::thread observer([&] {
        server.await_held();
        at_peak = Footprint::now();
        server.release();
      });
      before = Footprint::trimmed();
      Subject client;
      client.gather(journal);
      observer.join();
    }
    if (judge(journal, plan_.clock).result != Result::pass) return;
    shared_->waiting = at_peak.less(before);
    shared_->waiting_requests = requests;
  }

  RoundPlan plan_;
  std::size_t chains_;
  std::shared_ptr<SharedState> shared_;
  bool measures_;
  std::vector<Journal> journals_;
  std::size_t gathered_ = 0;
  Usage used_;
  std::size_t descriptors_before_ = 0, descriptors_after_ = 0;
};

}  // namespace racetrack::async_io
