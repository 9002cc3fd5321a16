#include "deadlock/order_graph.hpp"

namespace racetrack::deadlock {
namespace {

std::uint32_t index_of(std::uint64_t stamp) noexcept { return static_cast<std::uint32_t>(stamp); }

std::uint64_t edge_key(std::uint32_t from, std::uint32_t to) noexcept { return (std::uint64_t{from} << 32 | to) + 1; }

bool conflict(Kind a, Kind b) noexcept { return a != Kind::rwlock_read || b != Kind::rwlock_read; }

}  // namespace

std::uint64_t OrderGraph::identify(std::uintptr_t address) noexcept {
  forget(address);
  std::uint32_t index = 0;
  if (!free_locks_.empty()) {
    index = free_locks_.back();
    free_locks_.pop();
  } else {
    index = static_cast<std::uint32_t>(locks_.size());
    locks_.push({0, 0, kNone, kNone, 0});
  }
  Lock& lock = locks_[index];
  lock.address = address;
  ++lock.generation;
  lock.first_out = lock.first_in = kNone;
  lock_at_.set(address, index);
  return std::uint64_t{lock.generation} << 32 | index;
}

std::uint64_t OrderGraph::identity(std::uintptr_t address) noexcept {
  const std::uint32_t* const index = lock_at_.find(address);
  return index == nullptr ? 0 : std::uint64_t{locks_[*index].generation} << 32 | *index;
}

bool OrderGraph::is_current(std::uint64_t stamp, std::uintptr_t address) const noexcept {
  const std::uint32_t index = index_of(stamp);
  return stamp != 0 && index < locks_.size() && locks_[index].address == address &&
         locks_[index].generation == stamp >> 32;
}

void OrderGraph::forget(std::uintptr_t address) noexcept {
  const std::uint32_t* const found = lock_at_.find(address);
  if (found == nullptr) return;
  const std::uint32_t index = *found;
  lock_at_.erase(address);
  Lock& lock = locks_[index];
  while (lock.first_out != kNone) remove_edge(lock.first_out);
  while (lock.first_in != kNone) remove_edge(lock.first_in);
  lock.address = 0;
  free_locks_.push(index);
}

void OrderGraph::remove_edge(std::uint32_t index) noexcept {
  const Edge edge = edges_[index];
  std::uint32_t* link = &locks_[edge.from].first_out;
  while (*link != index) link = &edges_[*link].next_out;
  *link = edge.next_out;
  link = &locks_[edge.to].first_in;
  while (*link != index) link = &edges_[*link].next_in;
  *link = edge.next_in;
  for (std::uint32_t way = edge.first_way; way != kNone; way = ways_[way].next) free_ways_.push(way);
  edge_of_.erase(edge_key(edge.from, edge.to));
  free_edges_.push(index);
}

std::uint32_t OrderGraph::edge_between(std::uint32_t from, std::uint32_t to) noexcept {
  if (const std::uint32_t* const there = edge_of_.find(edge_key(from, to))) return *there;
  std::uint32_t index = 0;
  if (!free_edges_.empty()) {
    index = free_edges_.back();
    free_edges_.pop();
  } else {
    index = static_cast<std::uint32_t>(edges_.size());
    edges_.push({});
  }
  edges_[index] = {from, to, locks_[from].first_out, locks_[to].first_in, kNone};
  locks_[from].first_out = locks_[to].first_in = index;
  edge_of_.set(edge_key(from, to), index);
  return index;
}

bool OrderGraph::same_gates(const Way& a, const Way& b) const noexcept {
  if (a.gates.count != b.gates.count) return false;
  for (std::uint32_t i = 0; i < a.gates.count; ++i) {
    const GateLock& x = gate_locks_[a.gates.begin + i];
    bool found = false;
    for (std::uint32_t j = 0; j < b.gates.count && !found; ++j) {
      const GateLock& y = gate_locks_[b.gates.begin + j];
      found = x.stamp == y.stamp && x.kind == y.kind;
    }
    if (!found) return false;
  }
  return true;
}

/// Returns false when the way contains nothing new.
bool OrderGraph::add_way(std::uint32_t edge, const Way& way) noexcept {
  std::size_t alike = 0;
  for (std::uint32_t i = edges_[edge].first_way; i != kNone; i = ways_[i].next) {
    const Way& known = ways_[i];
    if (known.first.kind != way.first.kind || known.second.kind != way.second.kind || !same_gates(known, way)) continue;
    if (known.thread.serial == way.thread.serial || ++alike == kThreadsPerWay) return false;
  }
  std::uint32_t index = 0;
  if (!free_ways_.empty()) {
    index = free_ways_.back();
    free_ways_.pop();
  } else {
    index = static_cast<std::uint32_t>(ways_.size());
    ways_.push({});
  }
  ways_[index] = way;
  ways_[index].next = edges_[edge].first_way;
  edges_[edge].first_way = index;
  return true;
}

/// Returns whether no gate lock prevents the two from happening at the same time.
bool OrderGraph::can_overlap(const Way& a, const Way& b) const noexcept {
  for (std::uint32_t i = 0; i < a.gates.count; ++i) {
    const GateLock& x = gate_locks_[a.gates.begin + i];
    if (x.stamp == a.first.stamp) continue;
    for (std::uint32_t j = 0; j < b.gates.count; ++j) {
      const GateLock& y = gate_locks_[b.gates.begin + j];
      if (x.stamp == y.stamp && y.stamp != b.first.stamp && conflict(x.kind, y.kind)) return false;
    }
  }
  return true;
}

bool OrderGraph::reaches(std::uint32_t from, std::uint32_t to) noexcept {
  ++mark_;
  queue_.clear();
  queue_.push(from);
  for (std::size_t i = 0; i < queue_.size(); ++i) {
    if (queue_[i] == to) return true;
    for (std::uint32_t edge = locks_[queue_[i]].first_out; edge != kNone; edge = edges_[edge].next_out) {
      Lock& next = locks_[edges_[edge].to];
      if (next.mark == mark_) continue;
      next.mark = mark_;
      queue_.push(edges_[edge].to);
    }
  }
  return false;
}

/// Extends path_ from `lock`, which its last way wants, to a way that takes `target`, which its first way holds.
void OrderGraph::extend_path(std::uint32_t lock, std::uint32_t target, OrderCycles& cycles) noexcept {
  if (path_.size() >= kLongestCycle) return;
  for (std::uint32_t edge = locks_[lock].first_out; edge != kNone; edge = edges_[edge].next_out) {
    const std::uint32_t to = edges_[edge].to;
    for (std::uint32_t index = edges_[edge].first_way; index != kNone; index = ways_[index].next) {
      if (++steps_ > kMostSteps || cycles.ends.size() >= kMostCycles) return;
      const Way& way = ways_[index];
      bool fits = conflict(ways_[path_.back()].second.kind, way.first.kind);
      for (std::size_t i = 0; i < path_.size() && fits; ++i) {
        const Way& other = ways_[path_[i]];
        fits = other.thread.serial != way.thread.serial && can_overlap(other, way) &&
               (to == target || other.first.stamp != way.second.stamp);
      }
      if (!fits) continue;
      path_.push(index);
      if (to != target) {
        extend_path(to, target, cycles);
      } else if (conflict(way.second.kind, ways_[path_[0]].first.kind) && is_new_path()) {
        for (const std::uint32_t step : path_) {
          cycles.edges.push({ways_[step].thread, ways_[step].first, ways_[step].second});
        }
        cycles.ends.push(cycles.edges.size());
      }
      path_.pop();
    }
  }
}

/// Returns whether the locks of path_ have not been reported together before.
bool OrderGraph::is_new_path() noexcept {
  std::uint64_t key = 0;
  for (const std::uint32_t step : path_) key += mix(ways_[step].first.stamp);
  if (key == 0 || key == ~std::uint64_t{0}) key = 1;
  if (reported_.find(key) != nullptr) return false;
  reported_.set(key, 1);
  return true;
}

void OrderGraph::add(const ThreadTag& thread, const Taken* held, std::size_t count, const Taken& wanted,
                     OrderCycles& cycles) noexcept {
  cycles.edges.clear();
  cycles.ends.clear();
  const Gates gates{static_cast<std::uint32_t>(gate_locks_.size()), static_cast<std::uint32_t>(count)};
  for (std::size_t i = 0; i < count; ++i) gate_locks_.push({held[i].stamp, held[i].kind});
  bool used = false;
  for (std::size_t i = 0; i < count; ++i) {
    const std::uint32_t from = index_of(held[i].stamp), to = index_of(wanted.stamp);
    if (from == to) continue;
    const std::uint32_t edge = edge_between(from, to);
    if (!add_way(edge, {thread, held[i], wanted, gates, kNone})) continue;
    used = true;
    if (!reaches(to, from)) continue;
    path_.clear();
    path_.push(edges_[edge].first_way);
    steps_ = 0;
    extend_path(to, from, cycles);
  }
  if (!used) {
    while (gate_locks_.size() > gates.begin) gate_locks_.pop();
  }
}

}  // namespace racetrack::deadlock
