// read_write: the lecture's race. Threads set and get the two coordinates of one Point.
//
//   thread 0: get get set get ... --+
//   thread 1: get set get get ... ----> (x, y)      metrics: operations, reads and writes per second; torn reads
//
// Every set writes (v, -v), and no v is written twice: a get that returns anything but such a pair has seen halves of two
// sets. That is exact, whatever the timing.
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

template <class Point>
using CoordinateOf = std::remove_cvref_t<decltype(std::declval<Point&>().get().x)>;

template <class Point, class Probe>
class ReadWrite final : public Round {
  using Number = CoordinateOf<Point>;

 public:
  explicit ReadWrite(const RoundPlan& plan)
      : plan_(plan), threads_(plan.params.number("threads", 2)), seats_(threads_) {
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
    Seat seat;
    seat.begin = ticks_before();
    // The stop flag is looked at once in a hundred operations: a Point has no failed tries in which to look.
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
          if (!whole && seat.torn++ == 0) seat.first_torn = {x, y};
        } else {
          probe.begin();
          alone_.point.set(next, -next);
          probe.end(Action::write, static_cast<std::uint64_t>(next), Outcome::ok);
          next = static_cast<Number>(next + stride);
        }
        look_again();
      }
      seat.reads += reads;
      seat.writes += before - left - reads;
    }
    seat.end = ticks_after();
    seats_[thread] = seat;
    log.work_done = seat.reads + seat.writes;
    log.counts[kReads] += seat.reads;
    log.counts[kWrites] += seat.writes;
    log.counts[kTornReads] += seat.torn;
  }

  [[nodiscard]] std::vector<Measurement> measurements() const override {
    Ticks begin = ~Ticks{0}, end = 0;
    std::uint64_t reads = 0, writes = 0;
    for (const Seat& seat : seats_) {
      begin = std::min(begin, seat.begin);
      end = std::max(end, seat.end);
      reads += seat.reads;
      writes += seat.writes;
    }
    if (end <= begin) return {};
    const double seconds = plan_.clock.ns(end - begin) / 1e9;
    return {{"reads_per_s", static_cast<double>(reads) / seconds},
            {"writes_per_s", static_cast<double>(writes) / seconds}};
  }

  [[nodiscard]] Verdict check() const override {
    std::uint64_t reads = 0, torn = 0;
    std::string first;
    for (std::size_t thread = 0; thread < seats_.size(); ++thread) {
      const Seat& seat = seats_[thread];
      reads += seat.reads;
      torn += seat.torn;
      if (seat.torn != 0 && first.empty()) {
        first = "thread " + std::to_string(thread) + " got (" + std::to_string(seat.first_torn.x) + ", " +
                std::to_string(seat.first_torn.y) + "), which nobody set: every set is of (v, -v)";
      }
    }
    if (torn == 0) return {};
    return {Result::fail, "torn", "oracle.torn",
            std::to_string(torn) + " of " + std::to_string(reads) + " reads are torn; the first: " + first};
  }

 private:
  /// What a thread sums up for itself and stores once.
  struct alignas(kApart) Seat {
    std::uint64_t reads = 0, writes = 0, torn = 0;
    BasicCoordinates<Number> first_torn{};
    Ticks begin = 0, end = 0;
  };

  /// Nothing else on the Point's lines.
  struct alignas(kApart) Alone {
    Point point;
  };

  /// A boundary between operations: without it the optimiser may keep an unsynchronised Point in registers for the whole
  /// loop, as the language lets it, and there would be nothing to measure or to see. Costs no instruction, orders no threads.
  void look_again() noexcept { asm volatile("" : : "r"(&alone_.point) : "memory"); }

  RoundPlan plan_;
  std::size_t threads_;
  std::vector<Seat> seats_;
  std::vector<Mix> mixes_;
  Alone alone_;
};

}  // namespace racetrack::point
