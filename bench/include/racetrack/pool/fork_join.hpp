// fork_join: the recursion of Fibonacci numbers. Every call is a task that performs its work, forks one recursive call,
// performs the other itself, and waits for the fork.
//
//   submitter --> fib(k) --+--> fork fib(k-1) --> ...
//                          +--> call fib(k-2) --> ...      metric: calls per second
//
// In a pool without groups, a fork is a submit and the wait is a get. Only pools whose tasks may wait for each other
// get this workload.
#pragma once

#include <cstdint>
#include <utility>
#include <vector>

#include <racetrack/pool/round.hpp>

namespace racetrack::pool {

/// Returns the number of calls of fib(k), including itself.
constexpr std::uint64_t calls_of_fib(unsigned k) noexcept {
  std::uint64_t before = 1, now = 1;  // of fib(0) and fib(1)
  for (; k > 1; --k) before = std::exchange(now, 1 + now + before);
  return now;
}
/// Returns the largest k for which fib(k) makes at most `calls` calls.
constexpr unsigned fib_of_calls(std::uint64_t calls) noexcept {
  unsigned k = 1;
  while (calls_of_fib(k + 1) <= calls) ++k;
  return k;
}

/// The round of `fork_join`.
template <class Pool, class Probe>
class ForkJoin final : public PoolRound<Pool, Probe> {
  using Base = PoolRound<Pool, Probe>;
  using Base::plan_, Base::book_, Base::pool_;
  using typename Base::Expected;

  /// A call of fib(k). Its calls are numbered from `number` in sequential order. Returns the sum of their results.
  struct Call {
    ForkJoin* round;
    unsigned k;
    std::uint64_t number;
    std::uint64_t operator()() const {
      return round->book_.template run<Probe>(number, [this] { return round->call(k, number); });
    }
  };

 public:
  ForkJoin(const RoundPlan& plan, const Traits& traits)
      : Base(plan, traits, calls_of_fib(fib_of_calls(plan.work)), false),
        k_(fib_of_calls(plan.work)),
        calls_(calls_of_fib(k_)) {
    root_.reserve(1);
  }

  void run(std::size_t thread, ThreadLog& log) override {
    Probe probe(log, plan_, thread);
    this->submit_and_count(thread, log, [&](Tally& tally) {
      if constexpr (HasGroups<Pool>) {
        book_.template fork<Probe>(0, [] {});
        pool_->invoke([&] { tally.sum = Call{this, k_, 0}(); });
      } else {
        if (this->submit(Call{this, k_, 0}, 0, probe, tally, root_)) {
          this->collect(root_.front().first, 0, right_sum({this, k_, 0}), probe, tally);
        }
      }
      tally.submitted = tally.results = calls_;
    });
  }

  [[nodiscard]] Expected expected() const override { return this->every_task(calls_); }

 private:
  std::uint64_t call(unsigned k, std::uint64_t number) {
    std::uint64_t sum = book_.sizes().run(number);
    if (k < 2) return sum;
    const Call fork{this, k - 1, number + 1};
    const Call rest{this, k - 2, number + 1 + calls_of_fib(k - 1)};
    if constexpr (HasGroups<Pool>) {
      typename Pool::Group group(*pool_);
      std::uint64_t forked = 0;
      book_.template fork<Probe>(fork.number, [&] { group.run([fork, &forked] { forked = fork(); }); });
      book_.template fork<Probe>(rest.number, [] {});
      sum += rest();
      group.wait();
      return sum + forked;
    } else {
      auto forked = book_.template fork<Probe>(fork.number, [&] { return pool_->submit(fork); });
      book_.template fork<Probe>(rest.number, [] {});
      sum += book_.template result<Probe>(rest.number, right_sum(rest), rest);
      return sum + book_.template result<Probe>(fork.number, right_sum(fork), [&forked] { return forked.get(); });
    }
  }
  /// Returns the correct sum of a call and its recursive calls. Computed only in recorded rounds, which check it.
  [[nodiscard]] std::uint64_t right_sum(const Call& call) const {
    std::uint64_t sum = 0;
    if constexpr (Probe::kKind == ProbeKind::history) {
      for (std::uint64_t i = 0; i < calls_of_fib(call.k); ++i) sum += book_.sizes().result(call.number + i);
    }
    return sum;
  }

  unsigned k_;
  std::uint64_t calls_;
  std::vector<std::pair<Future<Pool, Call>, std::uint64_t>> root_;
};

}  // namespace racetrack::pool
