// The litmus tests as instrumented bodies.
#include <array>
#include <atomic>
#include <cstddef>

#include <pthread.h>

#include "litmus/litmus.hpp"

namespace litmus {
namespace {

constexpr auto rlx = std::memory_order_relaxed, con = std::memory_order_consume, acq = std::memory_order_acquire,
               rel = std::memory_order_release, sc = std::memory_order_seq_cst;
using Order = std::memory_order;
using Atomic = std::atomic<int>;

std::array<int, kRegisters + 1> values{};  // restored before every execution; the last takes dropped values

/// Calls work(i) in thread i, for each i below `count`.
template <class Work>
void in_threads(std::size_t count, Work& work) {
  struct Start {
    Work* work;
    std::size_t index;
  };
  std::array<Start, 8> starts;
  std::array<pthread_t, 8> threads;
  for (std::size_t i = 0; i < count; ++i) {
    starts[i] = {&work, i};
    pthread_create(
        &threads[i], nullptr,
        [](void* at) -> void* {
          const Start& start = *static_cast<Start*>(at);
          (*start.work)(start.index);
          return nullptr;
        },
        &starts[i]);
  }
  for (std::size_t i = 0; i < count; ++i) pthread_join(threads[i], nullptr);
}

void perform(const Operation& operation, Atomic& at) {
  int& found = values[operation.reg];
  switch (operation.kind) {
    case Operation::Kind::store: at.store(operation.value, operation.order); return;
    case Operation::Kind::fence: std::atomic_thread_fence(operation.order); return;
    case Operation::Kind::load: found = at.load(operation.order); return;
    default: break;
  }
  int before = operation.expected;
  if (operation.kind == Operation::Kind::fetch_add) {
    before = at.fetch_add(operation.value, operation.order);
  } else if (operation.kind == Operation::Kind::exchange) {
    before = at.exchange(operation.value, operation.order);
  } else {
    at.compare_exchange_strong(before, operation.value, operation.order, rlx);
  }
  if (operation.reg != kRegisters) found = before;
}

}  // namespace

void execute(const Program& program) {
  std::array<Atomic, kLocations> locations{};
  const auto work = [&](std::size_t thread) {
    for (const Operation& operation : program.threads[thread]) perform(operation, locations[operation.location]);
  };
  in_threads(program.threads.size(), work);
  for (const Operation& operation : program.at_the_end) perform(operation, locations[operation.location]);
}

std::string registers(std::size_t count) {
  std::string text;
  for (std::size_t i = 0; i < count; ++i) text += static_cast<char>('0' + values[i]);
  return text;
}

namespace {

template <Order kOrder>
void fence() {
  if constexpr (kOrder != rlx) std::atomic_thread_fence(kOrder);
}

/// Two threads in the section at once: the second one detects the first.
class Section {
 public:
  int enter() { return inside_.fetch_add(1, rlx); }
  void leave() { inside_.fetch_sub(1, rlx); }

 private:
  Atomic inside_{0};
};

// a, b: whether the thread found the other one in the section.

template <Order kStore, Order kLoad, Order kFence = rlx>
void dekker() {
  constexpr Order kLeave = kStore == rlx ? rel : kStore;
  std::array<Atomic, 2> wants{};
  std::atomic<std::size_t> turn{0};
  Section section;
  const auto work = [&](std::size_t i) {
    const auto want = [&] { wants[i].store(1, kStore), fence<kFence>(); };
    want();
    while (wants[1 - i].load(kLoad) == 1) {
      if (turn.load(kLoad) == i) continue;
      wants[i].store(0, kStore);
      while (turn.load(kLoad) != i) {
      }
      want();
    }
    values[i] = section.enter();
    section.leave();
    turn.store(1 - i, kLeave);
    wants[i].store(0, kLeave);
  };
  in_threads(2, work);
}

enum class Turn { stored, exchanged, between_fences };
template <Order kStore, Order kLoad, Turn kTurn = Turn::stored, Order kFence = rlx>
void peterson() {
  constexpr Order kLeave = kStore == rlx ? rel : kStore, kLoadTurn = kTurn == Turn::exchanged ? rlx : kLoad;
  std::array<Atomic, 2> wants{};
  std::atomic<std::size_t> turn{0};
  Section section;
  const auto work = [&](std::size_t i) {
    wants[i].store(1, kStore);
    if constexpr (kTurn == Turn::exchanged) {
      turn.exchange(1 - i, std::memory_order_acq_rel);
    } else {
      if constexpr (kTurn == Turn::between_fences) fence<sc>();
      turn.store(1 - i, kStore);
    }
    fence<kFence>();
    while (wants[1 - i].load(kLoad) == 1 && turn.load(kLoadTurn) == 1 - i) {
    }
    values[i] = section.enter();
    section.leave();
    wants[i].store(0, kLeave);
  };
  in_threads(2, work);
}

/// a: 0 the reader retries, 1 it has the old data, 2 the new, 3 half of each. Boehm, "Can seqlocks get along with
/// programming language memory models?", MSPC 2012.
template <Order kData, Order kBeforeWrites, Order kEnd, Order kLoadData, Order kBeforeCheck>
void seqlock() {
  Atomic sequence{0}, left{0}, right{0};
  const auto write = [&] {
    sequence.store(1, rlx), fence<kBeforeWrites>();
    left.store(1, kData), right.store(1, kData);
    sequence.store(2, kEnd);
  };
  const auto read = [&] {
    const int before = sequence.load(acq);
    const int one = left.load(kLoadData), other = right.load(kLoadData);
    fence<kBeforeCheck>();
    const bool whole = sequence.load(rlx) == before && before % 2 == 0;
    values[0] = !whole ? 0 : one != other ? 3 : 1 + one;
  };
  const auto work = [&](std::size_t i) { i == 0 ? write() : read(); };
  in_threads(2, work);
}

/// a: the node that is found, b: its content.
template <Order kPublish, Order kLoad>
void rcu() {
  std::array<Atomic, 2> nodes{};
  std::atomic<Atomic*> current{nullptr};
  const auto publish = [&] {
    for (Atomic& node : nodes) node.store(1, rlx), current.store(&node, kPublish);
  };
  const auto read = [&] {
    const Atomic* const node = current.load(kLoad);
    if (node == nullptr) return;
    values[0] = node == nodes.data() ? 1 : 2;
    values[1] = node->load(rlx);
  };
  const auto work = [&](std::size_t i) { i == 0 ? publish() : read(); };
  in_threads(2, work);
}

}  // namespace

void dekker_seq_cst() { dekker<sc, sc>(); }
void dekker_release_acquire() { dekker<rel, acq>(); }
void dekker_fences() { dekker<rlx, acq, sc>(); }

void peterson_seq_cst() { peterson<sc, sc>(); }
void peterson_release_acquire() { peterson<rel, acq>(); }
void peterson_turn_exchanged() { peterson<rlx, acq, Turn::exchanged>(); }
void peterson_fence_behind_turn() { peterson<rlx, acq, Turn::stored, sc>(); }
void peterson_fences_around_turn() { peterson<rlx, acq, Turn::between_fences, sc>(); }

void seqlock_fences() { seqlock<rlx, rel, rel, rlx, acq>(); }
void seqlock_data_released() { seqlock<rel, rlx, rel, acq, rlx>(); }
void seqlock_reader_without_fence() { seqlock<rlx, rel, rel, rlx, rlx>(); }
void seqlock_writer_without_fence() { seqlock<rlx, rlx, rel, rlx, acq>(); }
void seqlock_relaxed_end() { seqlock<rlx, rel, rlx, rlx, acq>(); }

void rcu_release_acquire() { rcu<rel, acq>(); }
void rcu_release_consume() { rcu<rel, con>(); }
void rcu_release_relaxed() { rcu<rel, rlx>(); }
void rcu_relaxed_acquire() { rcu<rlx, acq>(); }

}  // namespace litmus
