#include "random_history.hpp"

#include <algorithm>
#include <deque>
#include <utility>
#include <vector>

namespace racetrack::testing {
namespace {

/// The progress of a thread's current operation.
enum class Stage : std::uint8_t { idle, called, done };

struct Thread {
  Stage stage = Stage::idle;
  Operation current;
  Ticks last_stamp = 0;
};

std::uint64_t item_of(std::size_t thread, std::uint64_t number) {
  return (static_cast<std::uint64_t>(thread) << 48U) + number;
}

std::vector<Operation*> all_of(History& history, Action action, Outcome outcome) {
  std::vector<Operation*> found;
  for (auto& thread : history.threads) {
    for (Operation& operation : thread) {
      if (operation.action == action && operation.outcome == outcome) found.push_back(&operation);
    }
  }
  return found;
}

class Simulation {
 public:
  Simulation(const HistoryShape& shape, Random& random)
      : shape_(shape), random_(random), threads_(shape.threads), numbers_(shape.threads) {
    history_.threads.resize(shape.threads);
    history_.capacity = shape.capacity;
  }

  History run() {
    std::size_t called = 0;
    for (;;) {
      const std::size_t t = below(random_, threads_.size());
      Thread& thread = threads_[t];
      if (thread.stage == Stage::idle) {
        if (called < shape_.operations) ++called, call(t);
      } else if (thread.stage == Stage::called) {
        take_effect(thread);
      } else {
        give_back(t);
      }
      const bool all_idle =
          std::all_of(threads_.begin(), threads_.end(), [](const Thread& each) { return each.stage == Stage::idle; });
      if (called == shape_.operations && (all_idle || chance(random_, shape_.pending))) break;
    }
    for (std::size_t t = 0; t < threads_.size(); ++t) leave_pending(t);
    return std::move(history_);
  }

 private:
  /// Two stamps of the same thread are always different.
  Ticks stamp(Thread& thread) {
    if (now_ == thread.last_stamp || !chance(random_, shape_.ties)) ++now_;
    return thread.last_stamp = now_;
  }
  void call(std::size_t t) {
    Thread& thread = threads_[t];
    const bool push = chance(random_, 0.5);
    thread.current = {};
    thread.current.thread = static_cast<std::uint32_t>(t);
    thread.current.action = push ? Action::push : Action::pop;
    if (push) thread.current.value = item_of(t, ++numbers_[t]);
    thread.current.invoked = stamp(thread);
    thread.stage = Stage::called;
  }
  void take_effect(Thread& thread) {
    Operation& operation = thread.current;
    if (operation.action == Action::push) {
      if (shape_.capacity != 0 && queue_.size() >= shape_.capacity) {
        operation.outcome = Outcome::full;
      } else {
        queue_.push_back(operation.value);
      }
    } else if (queue_.empty()) {
      operation.outcome = Outcome::empty;
    } else if (shape_.last_in_first_out) {
      operation.value = queue_.back();
      queue_.pop_back();
    } else {
      operation.value = queue_.front();
      queue_.pop_front();
    }
    thread.stage = Stage::done;
  }
  void give_back(std::size_t t) {
    Thread& thread = threads_[t];
    thread.current.returned = stamp(thread);
    history_.threads[t].push_back(thread.current);
    thread.stage = Stage::idle;
  }
  void leave_pending(std::size_t t) {
    Thread& thread = threads_[t];
    if (thread.stage == Stage::idle) return;
    if (thread.current.action == Action::pop) thread.current.value = 0;
    thread.current.outcome = Outcome::pending;
    history_.threads[t].push_back(thread.current);
    history_.complete = false;
  }

  const HistoryShape& shape_;
  Random& random_;
  History history_;
  std::vector<Thread> threads_;
  std::vector<std::uint64_t> numbers_;
  std::deque<std::uint64_t> queue_;
  Ticks now_ = 1;
};

bool drop(History& history, Random& random) {
  std::vector<std::pair<std::size_t, std::size_t>> some;
  for (std::size_t t = 0; t < history.threads.size(); ++t) {
    for (std::size_t i = 0; i < history.threads[t].size(); ++i) {
      if (history.threads[t][i].outcome == Outcome::ok) some.emplace_back(t, i);
    }
  }
  if (some.empty()) return false;
  const auto [t, i] = some[below(random, some.size())];
  history.threads[t].erase(history.threads[t].begin() + static_cast<std::ptrdiff_t>(i));
  return true;
}

bool swap_two(std::vector<Operation*> some, Random& random) {
  if (some.size() < 2) return false;
  std::shuffle(some.begin(), some.end(), random);
  std::swap(some[0]->value, some[1]->value);
  return true;
}

}  // namespace

History legal_history(const HistoryShape& shape, Random& random) { return Simulation(shape, random).run(); }

History wild_history(const HistoryShape& shape, Random& random) {
  History history = legal_history(shape, random);
  std::vector<std::uint64_t> values;
  for (Operation* push : all_of(history, Action::push, Outcome::ok)) values.push_back(push->value);
  std::shuffle(values.begin(), values.end(), random);
  for (auto& thread : history.threads) {
    for (Operation& operation : thread) {
      if (operation.action != Action::pop || operation.outcome == Outcome::pending) continue;
      operation.outcome = values.empty() || chance(random, 0.2) ? Outcome::empty : Outcome::ok;
      operation.value = operation.outcome == Outcome::ok ? values.back() : 0;
      if (operation.outcome == Outcome::ok) values.pop_back();
    }
  }
  return history;
}

bool put_in(Fault fault, History& history, Random& random) {
  std::vector<Operation*> pops = all_of(history, Action::pop, Outcome::ok);
  std::vector<Operation*> pushes = all_of(history, Action::push, Outcome::ok);
  std::shuffle(pops.begin(), pops.end(), random);
  switch (fault) {
    case Fault::drop: return drop(history, random);
    case Fault::duplicate:
      if (pops.size() < 2) return false;
      pops[0]->value = pops[1]->value;
      return true;
    case Fault::swap_pops: return swap_two(pops, random);
    case Fault::swap_pushes: return swap_two(pushes, random);
    case Fault::invent:
      if (pops.empty()) return false;
      pops[0]->value += 1000;
      return true;
    case Fault::empty_too_early:
      if (pops.empty()) return false;
      pops[0]->value = 0;
      pops[0]->outcome = Outcome::empty;
      return true;
    case Fault::tear:
      if (pops.empty()) return false;
      pops[0]->outcome = Outcome::torn;
      return true;
    case Fault::hasten: {
      if (pops.empty()) return false;
      // Shortens the interval, as if the stamps had been taken closer to its middle.
      Operation& operation = chance(random, 0.5) || pushes.empty() ? *pops[0] : *pushes[below(random, pushes.size())];
      const Ticks length = operation.returned - operation.invoked;
      if (length < 2) return false;
      operation.invoked += below(random, length / 2 + 1);
      operation.returned -= below(random, length / 2 + 1);
      return true;
    }
  }
  return false;
}

}  // namespace racetrack::testing
