#include "oracle/describe.hpp"

#include <algorithm>
#include <limits>
#include <utility>

namespace racetrack::oracle {
namespace {

std::string answer(Outcome outcome) {
  switch (outcome) {
    case Outcome::ok: return "the right value";
    case Outcome::thrown: return "the task's exception";
    case Outcome::cancelled: return "a broken promise";
    default: return "something else";
  }
}

std::string action_text(const Operation& operation) {
  const bool pending = operation.outcome == Outcome::pending;
  switch (operation.action) {
    case Action::push:
      if (operation.outcome == Outcome::full) return "found the queue full for " + name_of(operation.value);
      return (pending ? "was pushing " : "pushed ") + name_of(operation.value);
    case Action::pop:
      if (operation.outcome == Outcome::empty) return "found the queue empty";
      return pending ? "was popping" : "popped " + name_of(operation.value);
    case Action::read: return pending ? "was reading" : "read " + std::to_string(operation.value);
    case Action::write: return (pending ? "was writing " : "wrote ") + std::to_string(operation.value);
    case Action::acquire: return pending ? "was acquiring" : "acquired";
    case Action::release: return pending ? "was releasing" : "released";
    case Action::run:
      return (pending ? "was running task " : "ran task ") + std::to_string(operation.value) +
             (operation.outcome == Outcome::thrown ? ", which threw" : "");
    case Action::result:
      return "got " + answer(operation.outcome) + " from the future of task " + std::to_string(operation.value);
  }
  return "performed an unknown operation";
}

}  // namespace

std::string name_of(std::uint64_t value) {
  constexpr unsigned kSequenceBits = 48;
  const std::uint64_t sequence = value & ((std::uint64_t{1} << kSequenceBits) - 1);
  return "item " + std::to_string(sequence) + " of producer " + std::to_string(value >> kSequenceBits);
}

std::string describe(const Operation& operation) {
  return "thread " + std::to_string(operation.thread) + " " + action_text(operation);
}

Verdict failed(const char* where, const char* kind, std::string witness) {
  return {Result::fail, kind, where, std::move(witness)};
}

Epoch::Epoch(const History& history) : stamped_(history.stamped) {
  if (!stamped_) return;
  first_ = std::numeric_limits<Ticks>::max();
  for (const auto& thread : history.threads) {
    for (const Operation& operation : thread) first_ = std::min(first_, operation.invoked);
  }
}

std::string Epoch::span(const Operation& operation) const {
  if (!stamped_) return {};
  const std::string from = "at " + std::to_string(operation.invoked - first_) + "..";
  return operation.outcome == Outcome::pending ? from + " (pending)"
                                               : from + std::to_string(operation.returned - first_);
}

std::string Epoch::describe_with_time(const Operation& operation) const {
  return stamped_ ? describe(operation) + " " + span(operation) : describe(operation);
}

}  // namespace racetrack::oracle
