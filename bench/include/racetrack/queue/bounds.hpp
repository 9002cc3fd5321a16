// Checks the bounds of a queue exactly: one thread fills an empty queue that no other thread uses, tries one item more,
// and drains it.
#pragma once

#include <atomic>
#include <cstdint>
#include <string>
#include <vector>

#include <racetrack/queue/ports.hpp>
#include <racetrack/scenario.hpp>
#include <racetrack/verdict.hpp>

namespace racetrack::queue {

/// The bounds that a queue declares.
struct Bounds {
  std::uint64_t least;   ///< items that it must accept before it may report full
  std::uint64_t most;    ///< items after which it must report full; 0: unbounded
  bool in_order;         ///< items of one producer are popped in the order of their pushes
  std::size_t producer;  ///< producer number of the check's items; differs from those of the round
};

/// The check. Used once, by one thread, while no other thread uses the queue. The log shows an operation that does not
/// return (ThreadLog::current_operation).
template <class Queue, class Carried>
class BoundsProbe {
 public:
  BoundsProbe(Queue& queue, const Bounds& bounds, ThreadLog& log)
      : queue_(queue),
        bounds_(bounds),
        log_(log),
        limit_(bounds.most == 0 ? kUnboundedFill : bounds.most),
        source_(bounds.producer, limit_ + 2) {}

  /// Returns a failure of detector oracle.bounds, or a pass.
  [[nodiscard]] Verdict run() {
    with_producer_port(queue_, [&](auto& out) {
      with_consumer_port(queue_,
                         [&](auto& in) { static_cast<void>(fill(out) && pop_next(in) && refill(out) && drain(in)); });
    });
    return verdict_;
  }

 private:
  static constexpr std::uint64_t kUnboundedFill = 8;
  static constexpr bool kTries = TriesItems<Queue, Carried>;

  /// Pushes the next item. Returns false when the queue is full.
  template <class Port>
  bool push(Port& port) {
    bool pushed = true;
    if constexpr (kTries) {
      log_.enter("try_push");
      pushed = port.try_push(source_.make(pushed_));
    } else {
      log_.enter("push");
      port.push(source_.make(pushed_));
    }
    log_.leave();
    pushed_ += pushed ? 1 : 0;
    return pushed;
  }

  template <class Port>
  bool fill(Port& out) {
    while (pushed_ < limit_ && push(out)) continue;
    if (pushed_ < limit_ && (bounds_.most == 0 || pushed_ < bounds_.least)) return false_full();
    return stays_full(out);
  }
  template <class Port>
  bool refill(Port& out) {
    if (!push(out) && (bounds_.most == 0 || inside() < bounds_.least)) return false_full();
    return stays_full(out);
  }
  /// Checks that a full queue rejects an item. Skipped for a queue without try_push, whose push would block.
  template <class Port>
  bool stays_full(Port& out) {
    if (!kTries || bounds_.most == 0 || inside() < bounds_.most || !push(out)) return true;
    return fails("overflow", "the queue accepted " + std::to_string(inside()) + " items; its capacity is " +
                                 std::to_string(bounds_.most));
  }
  bool false_full() {
    return fails("false_full", "the queue reported full with " + std::to_string(inside()) +
                                   " items inside, and no other thread used it" +
                                   (bounds_.most == 0 ? std::string("; it is declared to be unbounded")
                                                      : "; its capacity is " + std::to_string(bounds_.most)));
  }

  template <class Port>
  bool drain(Port& in) {
    while (inside() > 0) {
      if (!pop_next(in)) return false;
    }
    if constexpr (kTries) {
      Carried carried{};
      if (try_pop(in, carried)) {
        return fails("duplicated", "the queue returned one item more than was pushed: " + name_of(carried));
      }
    }
    return true;
  }

  template <class Port>
  bool pop_next(Port& in) {
    Carried carried{};
    if constexpr (kTries) {
      if (!try_pop(in, carried)) {
        return fails("lost", "the queue reported empty with " + std::to_string(inside()) +
                                 " items inside, and no other thread used it");
      }
    } else {
      log_.enter("pop");
      carried = in.pop();
      log_.leave();
    }
    return accept(carried);
  }
  template <class Port>
  bool try_pop(Port& in, Carried& carried) {
    log_.enter("try_pop");
    const bool popped = in.try_pop(carried);
    log_.leave();
    return popped;
  }

  bool accept(const Carried& carried) {
    const auto& item = item_of(carried);
    if (!item.intact()) return fails("torn", "a popped item was torn");
    const std::uint64_t value = item.value();
    const std::uint64_t sequence = sequence_of(value);
    if (producer_of(value) != bounds_.producer || sequence >= pushed_) {
      return fails("invented", name_of(carried) + " was popped, which was not in the queue");
    }
    if (bounds_.in_order && sequence != popped_) {
      return fails(sequence < popped_ ? "duplicated" : "reordered",
                   "item " + std::to_string(sequence + 1) + " was popped, but the next was item " +
                       std::to_string(popped_ + 1) + " of " + std::to_string(pushed_));
    }
    seen_.resize(pushed_, false);
    if (seen_[sequence]) return fails("duplicated", name_of(carried) + " was popped twice");
    seen_[sequence] = true;
    ++popped_;
    return true;
  }

  [[nodiscard]] std::uint64_t inside() const noexcept { return pushed_ - popped_; }
  [[nodiscard]] static std::string name_of(const Carried& carried) {
    return "an item of value " + std::to_string(item_of(carried).value());
  }
  bool fails(const char* kind, std::string text) {
    verdict_ = {Result::fail, kind, "oracle.bounds", "one thread filled and drained the queue: " + std::move(text)};
    return false;
  }

  Queue& queue_;
  Bounds bounds_;
  ThreadLog& log_;
  std::uint64_t limit_;
  Source<Carried> source_;
  std::uint64_t pushed_ = 0, popped_ = 0;
  std::vector<bool> seen_;
  Verdict verdict_;
};

}  // namespace racetrack::queue
