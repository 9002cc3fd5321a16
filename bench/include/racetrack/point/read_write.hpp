// read_write: the lecture's race. Threads set and get the two coordinates of one Point.
//
//   thread 0: get get set get ... --+
//   thread 1: get set get get ... ----> (x, y)      metrics: operations, reads and writes per second; torn reads
//
// Every set writes (v, -v), and no v is written twice. A get that returns any other pair has mixed two sets. This check
// does not depend on timing.
#pragma once

#include <algorithm>
#include <cstdint>
#include <string>
#include <type_traits>
#include <utility>
#include <vector>

#include <racetrack/clock.hpp>
#include <racetrack/platform.hpp>
#include <racetrack/point/contract.hpp>
#include <racetrack/point/mix.hpp>
#include <racetrack/probe.hpp>
#include <racetrack/scenario.hpp>

namespace racetrack::point {

/// Index in ThreadLog::counts.
enum Counter : std::size_t { kReads, kWrites, kTornReads };

/// The integer type of a Point's coordinates.
template <class Point>
using CoordinateOf = std::remove_cvref_t<decltype(std::declval<Point&>().get().x)>;

/// The round of `read_write`.
template <class Point, class Probe>
class ReadWrite final : public Round {
  using Number = CoordinateOf<Point>;

 public:
  explicit ReadWrite(const RoundPlan& plan)
      : plan_(plan), threads_(plan.params.number("threads", 2)), tallies_(threads_) {
    for (std::size_t thread = 0; thread < threads_; ++thread) {
      mixes_.emplace_back(plan.params.number("read_share", 90), plan.seed, thread);
    }
  }

  [[nodiscard]] std::vector<Role> roles() const override { return {{"thread", threads_}}; }

  void run(std::size_t thread, ThreadLog& log) override {
    Probe probe(log, plan_, thread);
    const Mix mix = mixes_[thread];
    const std::uint64_t share = plan_.work / threads_ + (thread < plan_.work % threads_ ? 1 : 0);
    const auto stride = static_cast<Number>(threads_);
    auto next = static_cast<Number>(thread + 1);  // thread 0 of two writes 1, 3, 5, ...
    Tally tally;
    tally.begin = ticks_before();
    // The stop flag is checked once per hundred operations, because a Point has no failed tries.
    for (std::uint64_t left = share; left != 0 && !plan_.stop->raised();) {
      const std::uint64_t before = left;
      std::uint64_t reads = 0;
      for (const bool read : mix) {
        if (left == 0) break;
        --left;
        if (read) {
          ++reads;
          probe.begin();
          const auto [x, y] = alone_.point.get();
          const bool whole = y == -x;
          probe.end(Action::read, static_cast<std::uint64_t>(x), whole ? Outcome::ok : Outcome::torn);
          if (!whole && tally.torn++ == 0) tally.first_torn = {x, y};
        } else {
          probe.begin();
          alone_.point.set(next, -next);
          probe.end(Action::write, static_cast<std::uint64_t>(next), Outcome::ok);
          next = static_cast<Number>(next + stride);
        }
        compiler_barrier();
      }
      tally.reads += reads;
      tally.writes += before - left - reads;
    }
    tally.end = ticks_after();
    tallies_[thread] = tally;
    log.work_done = tally.reads + tally.writes;
    log.counts[kReads] += tally.reads;
    log.counts[kWrites] += tally.writes;
    log.counts[kTornReads] += tally.torn;
  }

  [[nodiscard]] std::vector<Measurement> measurements() const override {
    Ticks begin = ~Ticks{0}, end = 0;
    std::uint64_t reads = 0, writes = 0;
    for (const Tally& tally : tallies_) {
      begin = std::min(begin, tally.begin);
      end = std::max(end, tally.end);
      reads += tally.reads;
      writes += tally.writes;
    }
    if (end <= begin) return {};
    const double seconds = plan_.clock.ns(end - begin) / 1e9;
    return {{"reads_per_s", static_cast<double>(reads) / seconds},
            {"writes_per_s", static_cast<double>(writes) / seconds}};
  }

  [[nodiscard]] Verdict check() const override {
    std::uint64_t reads = 0, torn = 0;
    std::string first;
    for (std::size_t thread = 0; thread < tallies_.size(); ++thread) {
      const Tally& tally = tallies_[thread];
      reads += tally.reads;
      torn += tally.torn;
      if (tally.torn != 0 && first.empty()) {
        first = "thread " + std::to_string(thread) + " got (" + std::to_string(tally.first_torn.x) + ", " +
                std::to_string(tally.first_torn.y) + "), which no thread set: every set is of (v, -v)";
      }
    }
    if (torn == 0) return {};
    return {Result::fail, "torn", "oracle.torn",
            std::to_string(torn) + " of " + std::to_string(reads) + " reads are torn; the first: " + first};
  }

 private:
  /// The sums of a thread, which it stores once at its end.
  struct alignas(kApart) Tally {
    std::uint64_t reads = 0, writes = 0, torn = 0;
    BasicCoordinates<Number> first_torn{};
    Ticks begin = 0, end = 0;
  };

  /// Aligned, so that no other data shares the Point's cache lines.
  struct alignas(kApart) Alone {
    Point point;
  };

  /// A compiler barrier between operations. Without it, the optimiser may keep an unsynchronised Point in registers for
  /// the whole loop, which the language permits, and the loop would neither access memory nor show a race. It costs no
  /// instruction and orders no threads.
  void compiler_barrier() noexcept { asm volatile("" : : "r"(&alone_.point) : "memory"); }

  RoundPlan plan_;
  std::size_t threads_;
  std::vector<Tally> tallies_;
  std::vector<Mix> mixes_;
  Alone alone_;
};

}  // namespace racetrack::point
