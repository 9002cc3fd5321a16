// transfer: P producers send a fixed number of items to C competing consumers.
//
//   producer 0 --\             /--> consumer 0
//   producer 1 ----> [queue] -----> consumer 1        metric: items that arrived per second
#pragma once

#include <racetrack/queue/round.hpp>

namespace racetrack::queue {

/// The round of `transfer`.
template <class Queue, class Carried, class Probe>
class Transfer final : public QueueRound<Queue, Carried> {
  using Base = QueueRound<Queue, Carried>;
  using Base::plan_, Base::queue_, Base::shape_, Base::sources_;

 public:
  Transfer(const RoundPlan& plan, const Traits& traits)
      : Base(plan, traits, [&](std::size_t p) { return Shape(plan, traits).share_of(p, plan.work); }),
        claims_(plan.work, shape_.consumers) {}

  void run(std::size_t thread, ThreadLog& log) override {
    with_wait<Queue, Carried>(shape_.wait, [&](auto block) {
      Probe probe(log, plan_, thread);
      if (thread < shape_.producers) {
        this->keep(thread,
                   with_producer_port(queue_,
                                      [&](auto& port) {
                                        return produce<block>(port, probe, sources_[thread], 0,
                                                              shape_.share_of(thread, plan_.work), this->waiter());
                                      }),
                   log);
      } else {
        this->keep(thread,
                   with_consumer_port(queue_,
                                      [&](auto& port) {
                                        return consume<block, Carried>(port, probe, claims_, this->waiter(),
                                                                       [](const auto&) {});
                                      }),
                   log);
      }
    });
  }

 private:
  Claims claims_;
};

}  // namespace racetrack::queue
