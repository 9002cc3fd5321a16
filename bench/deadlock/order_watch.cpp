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
constexpr std::size_t kSetSize = 4;   // acquisitions per cache set, of which the latest are kept

RawLock graph_lock;
OrderGraph graph;
Array<Taken> held_now;
OrderCycles cycles;
HashMap counters;  // counters of reported cycles, by their places
// Changes when a lock is forgotten: cached traits of locks without a stamp are then invalid.
std::atomic<std::uint64_t> forgotten{0};

bool is_lock(Kind kind) noexcept {
  return kind == Kind::mutex || kind == Kind::rwlock_read || kind == Kind::rwlock_write;
}

std::uint64_t* stamp_at(std::uintptr_t address, Kind kind) noexcept {
  return kind == Kind::mutex ? stamp_of(mutex_at(address)) : stamp_of(rwlock_at(address));
}

/// Returns a hash that identifies the lock and the kind of acquisition.
std::uint64_t trait_of(std::uintptr_t address, Kind kind) noexcept {
  const std::uint64_t* const stamp = stamp_at(address, kind);
  const std::uint64_t identity =
      stamp == nullptr ? ~forgotten.load(std::memory_order_relaxed) : __atomic_load_n(stamp, __ATOMIC_RELAXED);
  return mix(mix(address + static_cast<unsigned>(kind)) ^ identity);
}

/// Returns the lock's identity in the graph; assigns one if the lock is new. Call it under graph_lock, as a holder of
/// the lock.
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

/// Returns a key that is equal for cycles at the same places in the code, whichever edge comes first.
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

/// Reports a cycle, or counts it if one at the same places was reported. Call it under graph_lock.
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

/// Returns a key of this acquisition: of the lock and of the set of locks that the thread holds.
std::uint64_t key_of(ThreadRecord& thread, std::uintptr_t address, Kind kind) noexcept {
  const std::uint64_t held = thread.sum_of_holds([](const Held& hold) {
    const Kind held_kind = hold.kind.load(std::memory_order_relaxed);
    return is_lock(held_kind) ? trait_of(hold.address.load(std::memory_order_relaxed), held_kind) : 0;
  });
  return mix(trait_of(address, kind) + thread.serial) + held;
}

bool is_known(const ThreadRecord& thread, std::uint64_t key) noexcept {
  if (thread.known == nullptr) return false;
  const std::uint64_t* const place = thread.known + key % (kKnown / kSetSize) * kSetSize;
  for (std::size_t i = 0; i < kSetSize; ++i) {
    if (place[i] == key) return true;
  }
  return false;
}

void remember(ThreadRecord& thread, std::uint64_t key) noexcept {
  if (thread.known == nullptr) {
    thread.known = static_cast<std::uint64_t*>(arena_allocate(kKnown * sizeof(std::uint64_t)));
  }
  std::uint64_t* const place = thread.known + key % (kKnown / kSetSize) * kSetSize;
  for (std::size_t i = kSetSize - 1; i > 0; --i) place[i] = place[i - 1];
  place[0] = key;
}

bool holds(const ThreadRecord& thread, std::uintptr_t address) noexcept { return thread.find(address) != nullptr; }

/// Fills held_now with the locks that the thread holds, each once. Call it under graph_lock.
void list_held(const ThreadRecord& thread) noexcept {
  held_now.clear();
  const Held* const held = thread.held.load(std::memory_order_relaxed);
  const std::uint32_t count = thread.held_count.load(std::memory_order_relaxed);
  for (std::uint32_t i = 0; i < count; ++i) {
    const std::uintptr_t address = held[i].address.load(std::memory_order_relaxed);
    const Kind kind = held[i].kind.load(std::memory_order_relaxed);
    if (!is_lock(kind)) continue;
    bool again = false;
    for (const Taken& before : held_now) again = again || before.address == address;
    if (again) continue;
    held_now.push({identify(address, kind), address, held[i].at.load(std::memory_order_relaxed),
                   held[i].stack.load(std::memory_order_relaxed), kind});
  }
}

}  // namespace

void watch_order(ThreadRecord& thread, std::uintptr_t address, Kind kind, std::uintptr_t at,
                 const Stack* stack) noexcept {
  const std::uint64_t key = key_of(thread, address, kind);
  if (is_known(thread, key)) [[likely]]
    return;
  const PassThrough pass_through(thread);
  if (holds(thread, address)) return remember(thread, key);  // a recursive lock: no new order
  if (stack == nullptr) stack = stack_of_call(thread, at);
  ThreadTag tag{thread.serial, thread.thread_id.load(std::memory_order_relaxed), {}};
  read_task_name(tag.thread_id, tag.name);
  const RawGuard guard(graph_lock);
  list_held(thread);
  const Taken wanted{identify(address, kind), address, at, stack, kind};
  graph.add(tag, held_now.begin(), held_now.size(), wanted, cycles);
  std::size_t begin = 0;
  for (const std::size_t end : cycles.ends) {
    report_once(&cycles.edges[begin], end - begin);
    begin = end;
  }
  thread.forget_sums();  // new locks now have their stamps
  remember(thread, key_of(thread, address, kind));
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
