#include "oracle/passage.hpp"

#include <algorithm>
#include <cstdint>
#include <map>

namespace racetrack::oracle {
namespace {

struct At {
  std::uint64_t value;
  const Operation* operation;
  std::size_t place;
};

struct Gathered {
  std::vector<At> pushes, pops;
  Passages passages;
};

void gather_push(Gathered& into, const Operation& operation, std::size_t place) {
  if (operation.outcome == Outcome::full) {
    into.passages.fulls.push_back(&operation);
  } else {
    into.pushes.push_back({operation.value, &operation, place});
  }
}

void gather_pop(Gathered& into, const Operation& operation, std::size_t place, const Interval& interval) {
  Passages& passages = into.passages;
  switch (operation.outcome) {
    case Outcome::ok: into.pops.push_back({operation.value, &operation, place}); return;
    case Outcome::empty: passages.empties.push_back(&operation); return;
    case Outcome::torn: passages.torn.push_back(&operation); break;
    default: ++passages.pending_pops; break;
  }
  passages.first_unnamed_pop = std::min(passages.first_unnamed_pop, interval.invoked);
}

/// Joins pushes and pops, both sorted by value.
void join(Gathered& gathered, const History& history) {
  const auto by_value = [](const At& a, const At& b) { return a.value < b.value; };
  std::sort(gathered.pushes.begin(), gathered.pushes.end(), by_value);
  std::sort(gathered.pops.begin(), gathered.pops.end(), by_value);
  Passages& passages = gathered.passages;
  passages.items.reserve(gathered.pushes.size());
  auto pop = gathered.pops.cbegin();
  const auto end = gathered.pops.cend();
  const auto unnamed = [&](std::vector<const Operation*>& kind, const At& wrong) {
    kind.push_back(wrong.operation);
    passages.first_unnamed_pop = std::min(passages.first_unnamed_pop, interval_of(*wrong.operation, history).invoked);
  };
  for (std::size_t i = 0; i < gathered.pushes.size(); ++i) {
    const At& push = gathered.pushes[i];
    if (i != 0 && gathered.pushes[i - 1].value == push.value) {
      passages.doubled.push_back(push.operation);
      continue;
    }
    for (; pop != end && pop->value < push.value; ++pop) unnamed(passages.invented, *pop);
    Passage item{push.operation, nullptr, interval_of(*push.operation, history), {}, push.place, 0};
    for (; pop != end && pop->value == push.value; ++pop) {
      const Interval out = interval_of(*pop->operation, history);
      if (item.pop == nullptr) {
        item.pop = pop->operation;
        item.pop_place = pop->place;
        item.out = out;
      } else {
        unnamed(passages.repeated, *pop);
        item.out.invoked = std::min(item.out.invoked, out.invoked);
        item.out.returned = std::max(item.out.returned, out.returned);
      }
    }
    passages.items.push_back(item);
  }
  for (; pop != end; ++pop) unnamed(passages.invented, *pop);
}

}  // namespace

std::vector<Passages> passages_of(const History& history) {
  std::map<std::uint16_t, Gathered> objects;
  for (const auto& thread : history.threads) {
    Gathered* last = nullptr;
    std::uint16_t last_object = 0;
    for (std::size_t place = 0; place < thread.size(); ++place) {
      const Operation& operation = thread[place];
      if (operation.action != Action::push && operation.action != Action::pop) continue;
      if (last == nullptr || last_object != operation.object) {
        last_object = operation.object;
        last = &objects[last_object];
      }
      if (operation.action == Action::push) {
        gather_push(*last, operation, place);
      } else {
        gather_pop(*last, operation, place, interval_of(operation, history));
      }
    }
  }
  std::vector<Passages> all;
  for (auto& [object, gathered] : objects) {
    join(gathered, history);
    all.push_back(std::move(gathered.passages));
  }
  return all;
}

bool excuse_leftovers(Passages& passages) {
  if (passages.first_unnamed_pop == kNever) return false;
  bool changed = false;
  for (Passage& item : passages.items) {
    if (item.pop != nullptr) continue;
    item.out.invoked = passages.first_unnamed_pop;
    changed = true;
  }
  return changed;
}

}  // namespace racetrack::oracle
