#include "oracle/order.hpp"

#include <algorithm>
#include <limits>
#include <tuple>
#include <vector>

#include "oracle/describe.hpp"

namespace racetrack::oracle {
namespace {

/// An item that was pushed and popped. Places are positions in their threads' program order.
struct Delivery {
  const Operation* push;
  const Operation* pop;
  std::size_t push_place;
  std::size_t pop_place;
};

std::vector<Delivery> deliveries_of(const History& history) {
  struct At {
    const Operation* operation;
    std::size_t place;
  };
  std::vector<At> pushes, pops;
  for (const auto& thread : history.threads) {
    for (std::size_t place = 0; place < thread.size(); ++place) {
      if (thread[place].outcome != Outcome::ok) continue;
      (thread[place].action == Action::push ? pushes : pops).push_back({&thread[place], place});
    }
  }
  const auto by_item = [](const At& a, const At& b) {
    return std::tie(a.operation->object, a.operation->value) < std::tie(b.operation->object, b.operation->value);
  };
  std::sort(pushes.begin(), pushes.end(), by_item);
  std::sort(pops.begin(), pops.end(), by_item);
  std::vector<Delivery> deliveries;
  auto pop = pops.begin();
  for (const At& push : pushes) {
    while (pop != pops.end() && by_item(*pop, push)) ++pop;
    if (pop != pops.end() && !by_item(push, *pop)) {
      deliveries.push_back({push.operation, pop->operation, push.place, pop->place});
    }
  }
  return deliveries;
}

Verdict overtaken(const Delivery& first, const Delivery& second) {
  return {Result::fail, "reordered", "oracle.order",
          describe(*first.push) + " before " + describe(*second.push) + ", but " + describe(*second.pop) + " before " +
              describe(*first.pop)};
}

/// Checks the items of one producer that one consumer popped. Their order needs no clock.
Verdict program_order(std::vector<Delivery> deliveries) {
  std::sort(deliveries.begin(), deliveries.end(), [](const Delivery& a, const Delivery& b) {
    return std::tie(a.push->object, a.push->thread, a.pop->thread, a.push_place) <
           std::tie(b.push->object, b.push->thread, b.pop->thread, b.push_place);
  });
  for (std::size_t i = 1; i < deliveries.size(); ++i) {
    const Delivery& a = deliveries[i - 1];
    const Delivery& b = deliveries[i];
    const bool together =
        a.push->object == b.push->object && a.push->thread == b.push->thread && a.pop->thread == b.pop->thread;
    if (together && a.pop_place > b.pop_place) return overtaken(a, b);
  }
  return {};
}

/// Searches for items a, b of one group where push(a) ended before push(b) began, and pop(b) ended before pop(a) began.
/// Visits b by the beginning of its push and keeps, of the items pushed before, the a whose pop began last.
Verdict real_time(std::vector<Delivery*>& group, Ticks skew) {
  std::vector<Delivery*> by_end = group;
  std::sort(group.begin(), group.end(), [](auto* a, auto* b) { return a->push->invoked < b->push->invoked; });
  std::sort(by_end.begin(), by_end.end(), [](auto* a, auto* b) { return a->push->returned < b->push->returned; });
  const Delivery* latest = nullptr;
  auto next = by_end.begin();
  for (const Delivery* b : group) {
    for (; next != by_end.end() && (*next)->push->returned + 2 * skew < b->push->invoked; ++next) {
      if (latest == nullptr || (*next)->pop->invoked > latest->pop->invoked) latest = *next;
    }
    if (latest != nullptr && b->pop->returned + 2 * skew < latest->pop->invoked) return overtaken(*latest, *b);
  }
  return {};
}

Verdict ordered(const History& history, bool each_producer_alone) {
  std::vector<Delivery> deliveries = deliveries_of(history);
  if (Verdict verdict = program_order(deliveries); verdict.result != Result::pass) return verdict;
  if (!history.stamped) return {};
  const auto group_of = [each_producer_alone](const Delivery& delivery) {
    return std::tuple(delivery.push->object, each_producer_alone ? delivery.push->thread : 0U);
  };
  std::sort(deliveries.begin(), deliveries.end(),
            [&](const Delivery& a, const Delivery& b) { return group_of(a) < group_of(b); });
  for (auto begin = deliveries.begin(); begin != deliveries.end();) {
    const auto end =
        std::find_if(begin, deliveries.end(), [&](const Delivery& p) { return group_of(p) != group_of(*begin); });
    std::vector<Delivery*> group;
    for (auto delivery = begin; delivery != end; ++delivery) group.push_back(&*delivery);
    if (Verdict verdict = real_time(group, history.skew); verdict.result != Result::pass) return verdict;
    begin = end;
  }
  return {};
}

}  // namespace

Verdict fifo(const History& history) { return ordered(history, false); }
Verdict per_producer(const History& history) { return ordered(history, true); }

}  // namespace racetrack::oracle
