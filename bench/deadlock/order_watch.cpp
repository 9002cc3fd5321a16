#include "deadlock/order_watch.hpp"

#include <cstring>

#include "deadlock/detector.hpp"
#include "deadlock/lock_layout.hpp"
#include "deadlock/order_graph.hpp"
#include "deadlock/proc.hpp"
#include "deadlock/reporter.hpp"
#include "deadlock/sharing.hpp"
#include "deadlock/stack.hpp"

namespace racetrack::deadlock {
namespace {

constexpr std::size_t kKnown = 1024;  // acquisitions that each thread remembers

RawLock graph_lock;
OrderGraph graph;
Array<Taken> held_now;
OrderCycles cycles;
HashMap counters;                         // of reported cycles, by their places
std::atomic<std::uint64_t> forgotten{0};  // locks without a stamp: what is known of them is void when this changes

bool is_lock(Kind kind) noexcept {
  return kind == Kind::mutex || kind == Kind::rwlock_read || kind == Kind::rwlock_write;
}

std::uint64_t* stamp_at(std::uintptr_t address, Kind kind) noexcept {
  return kind == Kind::mutex ? stamp_of(mutex_at(address)) : stamp_of(rwlock_at(address));
}

/// What tells this lock from others, and this way to take it from others.
std::uint64_t trait_of(std::uintptr_t address, Kind kind) noexcept {
  const std::uint64_t* const stamp = stamp_at(address, kind);
  const std::uint64_t identity =
      stamp == nullptr ? ~forgotten.load(std::memory_order_relaxed) : __atomic_load_n(stamp, __ATOMIC_RELAXED);
  return mix(mix(address + static_cast<unsigned>(kind)) ^ identity);
}

/// The lock's identity in the graph, given to it now if it is new. Under graph_lock, by a holder of the lock.
std::uint64_t identify(std::uintptr_t address, Kind kind) noexcept {
  std::uint64_t* const stamp = stamp_at(address, kind);
  if (stamp == nullptr) {
    const std::uint64_t known = graph.identity(address);
    return known != 0 ? known : graph.identify(address);
  }
  const std::uint64_t known = __atomic_load_n(stamp, __ATOMIC_RELAXED);
  if (graph.is_current(known, address)) return known;
  const std::uint64_t fresh = graph.identify(address);
  __atomic_store_n(stamp, fresh, __ATOMIC_RELAXED);
  return fresh;
}

/// A key that is equal for cycles at the same places in the code, whichever edge comes first.
std::uint64_t places_of(const OrderEdge* edges, std::size_t count) noexcept {
  std::uint64_t key = count;
  for (std::size_t i = 0; i < count; ++i) {
    const Taken& first = edges[i].first;
    const Taken& second = edges[i].second;
    const std::uint64_t kinds = static_cast<std::uint64_t>(first.kind) << 8U | static_cast<std::uint64_t>(second.kind);
    key += mix(mix(mix(kinds) ^ first.at) ^ reinterpret_cast<std::uintptr_t>(second.stack));
  }
  return key == 0 || key == ~std::uint64_t{0} ? 1 : key;
}

/// Under graph_lock.
void report_once(const OrderEdge* edges, std::size_t count) noexcept {
  const std::uint64_t key = places_of(edges, count);
  if (const std::uint32_t* const counter = counters.find(key)) {
    deadlock::count(*counter);
    return;
  }
  const std::uint32_t counter = new_counter();
  counters.set(key, counter);
  report_potential_deadlock(edges, count, counter);
}

}  // namespace

void watch_order(ThreadRecord& thread, std::uintptr_t address, Kind kind, std::uintptr_t at,
                 const Stack* stack) noexcept {
  const std::uint32_t count = thread.held_count.load(std::memory_order_relaxed);
  const Held* const held = thread.held.load(std::memory_order_relaxed);
  std::uint64_t key = mix(trait_of(address, kind) + thread.serial);
  for (std::uint32_t i = 0; i < count; ++i) {
    const std::uintptr_t other = held[i].address.load(std::memory_order_relaxed);
    if (other == address) return;  // once more: no new order
    const Kind other_kind = held[i].kind.load(std::memory_order_relaxed);
    if (other != 0 && is_lock(other_kind)) key += trait_of(other, other_kind);
  }
  if (thread.known != nullptr && thread.known[key % kKnown] == key) return;

  const Inside inside(thread);
  if (thread.known == nullptr)
    thread.known = static_cast<std::uint64_t*>(arena_allocate(kKnown * sizeof(std::uint64_t)));
  if (stack == nullptr) stack = stack_of_call(thread, at);
  ThreadTag tag{thread.serial, thread.thread_id.load(std::memory_order_relaxed), {}};
  read_task_name(tag.thread_id, tag.name);
  const RawGuard guard(graph_lock);
  held_now.clear();
  key = mix(0);
  for (std::uint32_t i = 0; i < count; ++i) {
    const std::uintptr_t other = held[i].address.load(std::memory_order_relaxed);
    const Kind other_kind = held[i].kind.load(std::memory_order_relaxed);
    if (other == 0 || !is_lock(other_kind)) continue;
    bool again = false;
    for (const Taken& before : held_now) again = again || before.address == other;
    if (again) continue;
    held_now.push({identify(other, other_kind), other, held[i].at.load(std::memory_order_relaxed),
                   held[i].stack.load(std::memory_order_relaxed), other_kind});
  }
  const Taken wanted{identify(address, kind), address, at, stack, kind};
  graph.add(tag, held_now.begin(), held_now.size(), wanted, cycles);
  std::size_t begin = 0;
  for (const std::size_t end : cycles.ends) {
    report_once(&cycles.edges[begin], end - begin);
    begin = end;
  }
  // With the stamps that the locks have now.
  key = mix(trait_of(address, kind) + thread.serial);
  for (std::uint32_t i = 0; i < count; ++i) {
    const std::uintptr_t other = held[i].address.load(std::memory_order_relaxed);
    const Kind other_kind = held[i].kind.load(std::memory_order_relaxed);
    if (other != 0 && is_lock(other_kind)) key += trait_of(other, other_kind);
  }
  thread.known[key % kKnown] = key;
}

void forget_lock(ThreadRecord& thread, std::uintptr_t address) noexcept {
  while (thread.pop(address)) {
  }
  if (!settings.order) return;
  const RawGuard guard(graph_lock);
  if (graph.identity(address) == 0) return;
  graph.forget(address);
  forgotten.fetch_add(1, std::memory_order_relaxed);
}

void restart_order_watch(ThreadRecord* survivor) noexcept {
  if (!graph_lock.is_locked()) return;
  graph_lock.reset();
  graph = {};
  held_now = {};
  cycles = {};
  counters = {};
  if (survivor != nullptr) survivor->known = nullptr;
}

}  // namespace racetrack::deadlock
