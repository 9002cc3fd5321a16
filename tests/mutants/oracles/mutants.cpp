#include "mutants.hpp"

#include <algorithm>
#include <cstddef>
#include <utility>

#include "sound.hpp"

namespace racetrack::testing {
namespace {

using Random = std::mt19937_64;

struct At {
  std::size_t thread, place;
};

Operation& operation_at(History& history, At at) { return history.threads[at.thread][at.place]; }

void erase(History& history, At at) {
  auto& thread = history.threads[at.thread];
  thread.erase(thread.begin() + static_cast<std::ptrdiff_t>(at.place));
}

template <class Fits>
std::vector<At> all_that(const History& history, Fits&& fits) {
  std::vector<At> found;
  for (std::size_t thread = 0; thread < history.threads.size(); ++thread) {
    for (std::size_t place = 0; place < history.threads[thread].size(); ++place) {
      if (fits(history.threads[thread][place])) found.push_back({thread, place});
    }
  }
  return found;
}

std::vector<At> all_of(const History& history, Action action) {
  return all_that(history, [action](const Operation& each) { return each.action == action; });
}

template <class Choice>
Choice one_of(const std::vector<Choice>& some, Random& random) {
  return some[random() % some.size()];
}

Ticks end_of(const History& history) {
  Ticks end = 0;
  for (const auto& thread : history.threads) {
    for (const Operation& operation : thread) end = std::max(end, operation.returned);
  }
  return end;
}

/// Adds a thread that executes only these operations.
void add_thread(History& history, std::vector<Operation> operations) {
  for (Operation& operation : operations) operation.thread = static_cast<std::uint32_t>(history.threads.size());
  history.threads.push_back(std::move(operations));
}

/// The operation on the same item or task as `whose`.
Operation& partner_of(History& history, const Operation& whose, Action action) {
  return operation_at(history, all_that(history, [&](const Operation& each) {
                                 return each.action == action && each.value == whose.value;
                               }).front());
}

// Of a queue.

bool drop(History& history, Random& random) {
  // The last items are excluded: if one of them is left over, possibly no later item was popped.
  std::vector<At> pops = all_of(history, Action::pop);
  Ticks last_push = 0;
  for (const At push : all_of(history, Action::push))
    last_push = std::max(last_push, operation_at(history, push).invoked);
  std::erase_if(pops, [&](At pop) {
    return partner_of(history, operation_at(history, pop), Action::push).returned >= last_push;
  });
  if (pops.empty()) return false;
  erase(history, one_of(pops, random));
  return true;
}

bool duplicate(History& history, Random& random) {
  Operation again = operation_at(history, one_of(all_of(history, Action::pop), random));
  again.invoked = end_of(history) + 1;
  again.returned = again.invoked + 5;
  add_thread(history, {again});
  return true;
}

bool invent(History& history, Random& random) {
  operation_at(history, one_of(all_of(history, Action::pop), random)).value += 1000;
  return true;
}

bool tear(History& history, Random& random) {
  operation_at(history, one_of(all_of(history, Action::pop), random)).outcome = Outcome::torn;
  return true;
}

/// Exchanges the items of two pops, of which one returned before the other began, if `fits` holds for the two pushes,
/// in the order of the pops.
template <class Fits>
bool swap_pops(History& history, Random& random, Fits&& fits) {
  std::vector<std::pair<At, At>> pairs;
  const std::vector<At> pops = all_of(history, Action::pop);
  for (const At one : pops) {
    for (const At other : pops) {
      const Operation &first = operation_at(history, one), &second = operation_at(history, other);
      const Operation &in = partner_of(history, first, Action::push),
                      &later = partner_of(history, second, Action::push);
      if (first.returned < second.invoked && in.returned < later.invoked && fits(in, later))
        pairs.emplace_back(one, other);
    }
  }
  if (pairs.empty()) return false;
  const auto [one, other] = one_of(pairs, random);
  std::swap(operation_at(history, one).value, operation_at(history, other).value);
  return true;
}

bool swap_of_one_producer(History& history, Random& random) {
  return swap_pops(history, random, [](const Operation& a, const Operation& b) { return a.thread == b.thread; });
}

bool swap_of_two_producers(History& history, Random& random) {
  return swap_pops(history, random, [](const Operation& a, const Operation& b) { return a.thread != b.thread; });
}

bool pop_before_the_push(History& history, Random& random) {
  Operation& pop = history.threads[2 + random() % 2].front();
  pop.invoked = 1;  // earlier than the first operation of a sound history
  pop.returned = 2;
  return true;
}

bool overflow(History& history, Random& /*random*/) {
  std::vector<Operation> pushes;
  Ticks now = end_of(history);
  for (std::uint64_t item = 0; item <= history.capacity; ++item, now += 10)
    pushes.push_back({(std::uint64_t{9} << 48U) + item, now + 1, now + 5, 0, 0, Action::push, Outcome::ok});
  add_thread(history, std::move(pushes));
  return true;
}

bool empty_too_early(History& history, Random& random) {
  std::vector<std::pair<Ticks, Ticks>> spans;
  for (const At at : all_of(history, Action::pop)) {
    const Operation& pop = operation_at(history, at);
    const Operation& push = partner_of(history, pop, Action::push);
    if (pop.invoked >= push.returned + 2) spans.emplace_back(push.returned + 1, pop.invoked - 1);
  }
  if (spans.empty()) return false;
  const auto [from, until] = one_of(spans, random);
  add_thread(history, {{0, from, until, 0, 0, Action::pop, Outcome::empty}});
  return true;
}

bool full_when_empty(History& history, Random& random) {
  const Ticks when = random() % 2 == 0 ? 1 : end_of(history) + 1;
  add_thread(history, {{7, when, when + 5, 0, 0, Action::push, Outcome::full}});
  return true;
}

// Of a lock.

/// Excludes the last turns, after which no thread takes the lock any more.
At some_turn(const History& history, Random& random, Action action) {
  std::vector<At> those = all_of(history, action);
  const Ticks end = end_of(history);
  std::erase_if(those, [&](At at) { return history.threads[at.thread][at.place].returned + 40 > end; });
  return one_of(those, random);
}

bool never_released(History& history, Random& random) {
  erase(history, some_turn(history, random, Action::release));
  return true;
}

bool released_late(History& history, Random& random) {
  Operation& release = operation_at(history, some_turn(history, random, Action::release));
  release.invoked += 12;  // at this time the next thread has been inside for a while
  release.returned += 12;
  return true;
}

bool another_let_in(History& history, Random& random) {
  add_thread(history, {operation_at(history, one_of(all_of(history, Action::acquire), random))});
  return true;
}

// Of a pool.

bool task_dropped(History& history, Random& random) {
  erase(history, one_of(all_of(history, Action::run), random));
  return true;
}

bool task_run_twice(History& history, Random& random) {
  add_thread(history, {operation_at(history, one_of(all_of(history, Action::run), random))});
  return true;
}

bool task_invented(History& history, Random& random) {
  operation_at(history, one_of(all_of(history, Action::run), random)).value += 1000;
  return true;
}

bool refused_task_run(History& history, Random& random) {
  operation_at(history, one_of(all_of(history, Action::push), random)).outcome = Outcome::full;
  return true;
}

bool task_run_too_early(History& history, Random& random) {
  Operation& run = operation_at(history, one_of(all_of(history, Action::run), random));
  run.invoked -= 50;
  run.returned = run.invoked + 1;
  return true;
}

bool wrong_result(History& history, Random& random) {
  operation_at(history, one_of(all_of(history, Action::result), random)).outcome = Outcome::wrong;
  return true;
}

bool exception_and_value_exchanged(History& history, Random& random) {
  Operation& result = operation_at(history, one_of(all_of(history, Action::result), random));
  result.outcome = result.outcome == Outcome::thrown ? Outcome::ok : Outcome::thrown;
  return true;
}

bool called_cancelled_though_run(History& history, Random& random) {
  operation_at(history, one_of(all_of(history, Action::result), random)).outcome = Outcome::cancelled;
  return true;
}

bool result_before_the_run(History& history, Random& random) {
  Operation& result = operation_at(history, one_of(all_of(history, Action::result), random));
  result.invoked = 1;
  result.returned = partner_of(history, result, Action::run).returned - 5;
  return true;
}

bool future_without_a_result(History& history, Random& random) {
  erase(history, one_of(all_of(history, Action::result), random));
  return true;
}

}  // namespace

std::vector<HistoryMutants> all_history_mutants() {
  return {
      {"a queue's items",
       items_of_a_queue,
       {"conservation", "fifo", "per_producer", "capacity", "emptiness", "full", "linearizable_queue"},
       {{"drop", {"conservation", "linearizable_queue"}, drop},
        {"duplicate", {"conservation", "linearizable_queue"}, duplicate},
        {"invent", {"conservation", "linearizable_queue"}, invent},
        {"tear", {"conservation"}, tear},
        {"swap of one producer", {"fifo", "per_producer", "linearizable_queue"}, swap_of_one_producer},
        {"swap of two producers", {"fifo", "linearizable_queue"}, swap_of_two_producers},
        {"pop before the push", {"linearizable_queue"}, pop_before_the_push},
        {"one more than fits", {"capacity"}, overflow},
        {"empty too early", {"emptiness"}, empty_too_early},
        {"full when empty", {"full"}, full_when_empty}}},
      {"a lock's turns",
       turns_of_a_lock,
       {"exclusion"},
       {{"never released", {"exclusion"}, never_released},
        {"released late", {"exclusion"}, released_late},
        {"another let in", {"exclusion"}, another_let_in}}},
      {"a pool's tasks",
       tasks_of_a_pool,
       {"exactly_once", "futures"},
       {{"dropped", {"exactly_once", "futures"}, task_dropped},
        {"run twice", {"exactly_once"}, task_run_twice},
        {"invented", {"exactly_once"}, task_invented},
        {"refused and run", {"exactly_once"}, refused_task_run},
        {"run before it was submitted", {"exactly_once"}, task_run_too_early},
        {"wrong result", {"futures"}, wrong_result},
        {"exception for value or value for exception", {"futures"}, exception_and_value_exchanged},
        {"called cancelled though run", {"futures"}, called_cancelled_though_run},
        {"result before the run", {"futures"}, result_before_the_run},
        {"a future without a result", {"futures"}, future_without_a_result}}},
  };
}

}  // namespace racetrack::testing
