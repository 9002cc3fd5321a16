#include "oracle/linearizability/queue_monitor.hpp"

#include <algorithm>
#include <string>
#include <tuple>
#include <utility>
#include <vector>

#include "oracle/describe.hpp"
#include "oracle/emptiness.hpp"
#include "oracle/fullness.hpp"
#include "oracle/passage.hpp"

namespace racetrack::oracle {
namespace {

Verdict fail(std::string witness) {
  return {Result::fail, "not_linearizable", "oracle.linearizable_queue", std::move(witness)};
}

/// Two items in an order that no queue produces: `first` was pushed before `second`, and popped after it or never.
struct Overtaken {
  const Passage* first = nullptr;
  const Passage* second = nullptr;

  explicit operator bool() const noexcept { return first != nullptr; }
};

std::string describe_overtaking(const Overtaken& pair, const Epoch& epoch) {
  const std::string pushes = epoch.describe_with_time(*pair.first->push) + " before " +
                             epoch.describe_with_time(*pair.second->push) + ", but ";
  const std::string pop = epoch.describe_with_time(*pair.second->pop);
  if (pair.first->pop == nullptr) return pushes + pop + " and no thread popped " + name_of(pair.first->push->value);
  return pushes + pop + " before " + epoch.describe_with_time(*pair.first->pop);
}

using Items = std::vector<const Passage*>;

/// Returns the item whose pop begins last; an item without a pop is last of all.
const Passage* later_out(const Passage* a, const Passage* b) {
  return a == nullptr || b->out.invoked > a->out.invoked ? b : a;
}

/// Orders pushes and pops by their stamps. Visits `second` by the beginning of its push and keeps, of the items pushed
/// before, the one whose pop began last.
Overtaken by_stamps(const Items& items) {
  Items by_end = items, by_begin = items;
  std::sort(by_begin.begin(), by_begin.end(), [](auto* a, auto* b) { return a->in.invoked < b->in.invoked; });
  std::sort(by_end.begin(), by_end.end(), [](auto* a, auto* b) { return a->in.returned < b->in.returned; });
  const Passage* first = nullptr;
  auto next = by_end.begin();
  for (const Passage* second : by_begin) {
    for (; next != by_end.end() && before((*next)->in, second->in); ++next) first = later_out(first, *next);
    if (first != nullptr && before(second->out, first->out)) return {first, second};
  }
  return {};
}

/// Orders the pushes of one thread by program order, and pops by their stamps.
Overtaken by_push_place(Items& items) {
  std::sort(items.begin(), items.end(), [](auto* a, auto* b) {
    return std::tie(a->push->thread, a->push_place) < std::tie(b->push->thread, b->push_place);
  });
  const Passage* first = nullptr;
  for (const Passage* second : items) {
    if (first != nullptr && first->push->thread != second->push->thread) first = nullptr;
    if (first != nullptr && before(second->out, first->out)) return {first, second};
    first = later_out(first, second);
  }
  return {};
}

/// Orders the pops of one thread by program order, and pushes by their stamps. Keeps, of the items popped before, the
/// one whose push began last.
Overtaken by_pop_place(Items& popped) {
  std::sort(popped.begin(), popped.end(), [](auto* a, auto* b) {
    return std::tie(a->pop->thread, a->pop_place) < std::tie(b->pop->thread, b->pop_place);
  });
  const Passage* second = nullptr;
  for (const Passage* first : popped) {
    if (second != nullptr && second->pop->thread != first->pop->thread) second = nullptr;
    if (second != nullptr && before(first->in, second->in)) return {first, second};
    if (second == nullptr || first->in.invoked > second->in.invoked) second = first;
  }
  return {};
}

/// Orders the pushes of one thread and the pops of one thread by program order.
Overtaken by_places(Items& popped) {
  std::sort(popped.begin(), popped.end(), [](auto* a, auto* b) {
    return std::tie(a->push->thread, a->pop->thread, a->push_place) <
           std::tie(b->push->thread, b->pop->thread, b->push_place);
  });
  for (std::size_t i = 1; i < popped.size(); ++i) {
    const Passage* first = popped[i - 1];
    const Passage* second = popped[i];
    const bool together = first->push->thread == second->push->thread && first->pop->thread == second->pop->thread;
    if (together && first->pop_place > second->pop_place) return {first, second};
  }
  return {};
}

/// Returns an overtaken item, if any. A pending push whose item was not popped need not have happened: neither it nor
/// its pop precedes any operation.
Overtaken overtaken(const Passages& passages, bool stamped) {
  Items items, popped;
  items.reserve(passages.items.size());
  popped.reserve(passages.items.size());
  for (const Passage& item : passages.items) {
    items.push_back(&item);
    if (item.pop != nullptr) popped.push_back(&item);
  }
  if (Overtaken found = by_places(popped)) return found;
  if (stamped) {
    if (Overtaken found = by_stamps(items)) return found;
    if (Overtaken found = by_pop_place(popped)) return found;
  }
  return by_push_place(items);
}

bool popped_early(const Passage& item) {
  if (item.pop == nullptr) return false;
  return before(item.out, item.in) || (item.pop->thread == item.push->thread && item.pop_place < item.push_place);
}

Verdict judge_object(const History& history, const Passages& passages) {
  const auto epoch = [&history] { return Epoch(history); };
  if (!passages.torn.empty())
    return fail(epoch().describe_with_time(*passages.torn.front()) + ", put together from two items");
  if (!passages.invented.empty())
    return fail(epoch().describe_with_time(*passages.invented.front()) + ", which no thread pushed");
  if (!passages.doubled.empty()) {
    Verdict verdict = fail(describe(*passages.doubled.front()) + ", as another push did: values are not distinct");
    verdict.result = Result::unknown;
    return verdict;
  }
  if (!passages.repeated.empty()) {
    return fail(epoch().describe_with_time(*passages.repeated.front()) + ", and so did another pop");
  }
  for (const Passage& item : passages.items) {
    if (popped_early(item))
      return fail(epoch().describe_with_time(*item.pop) + " before " + epoch().describe_with_time(*item.push));
  }
  const Overtaken pair = overtaken(passages, history.stamped);
  if (!pair) return {};
  Verdict verdict = fail(describe_overtaking(pair, epoch()));
  Passages excused = passages;
  if (excuse_leftovers(excused) && !overtaken(excused, history.stamped)) {
    verdict.result = Result::unknown;
    verdict.witness += "; unless a pop that has not returned took it";
  }
  return verdict;
}

}  // namespace

Verdict queue_monitor(const History& history, ExactRefusals judged) {
  const std::vector<Passages> objects = passages_of(history);
  Verdict worst;
  const auto keep = [&worst](Verdict verdict) {
    if (verdict.result > worst.result) worst = std::move(verdict);
  };
  for (const Passages& passages : objects) {
    if (worst.result != Result::fail) keep(judge_object(history, passages));
  }
  if (judged.empty && worst.result != Result::fail) keep(emptiness(history, objects));
  if (judged.full && worst.result != Result::fail) keep(fullness(history, objects));
  return worst;
}

Verdict linearizable_queue(const History& history) { return queue_monitor(history); }

}  // namespace racetrack::oracle
