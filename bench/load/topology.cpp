#include "load/topology.hpp"

#include <algorithm>
#include <memory>
#include <stdexcept>
#include <string>
#include <tuple>

#include <hwloc.h>
#include <pthread.h>
#include <sched.h>

namespace racetrack::load {
namespace {

struct Destroy {
  void operator()(hwloc_topology* topology) const noexcept { hwloc_topology_destroy(topology); }
};
using Handle = std::unique_ptr<hwloc_topology, Destroy>;

Handle load_topology() {
  hwloc_topology_t raw = nullptr;
  if (hwloc_topology_init(&raw) != 0) throw std::runtime_error("hwloc cannot start");
  Handle topology(raw);
  if (hwloc_topology_load(raw) != 0) throw std::runtime_error("hwloc cannot read this machine's topology");
  return topology;
}

/// Returns the units in the process's affinity mask, in hwloc's logical order (neighbours first).
std::vector<hwloc_obj_t> allowed_units(hwloc_topology_t topology) {
  cpu_set_t allowed;
  CPU_ZERO(&allowed);
  const bool known = sched_getaffinity(0, sizeof allowed, &allowed) == 0;
  std::vector<hwloc_obj_t> units;
  for (hwloc_obj_t unit = nullptr; (unit = hwloc_get_next_obj_by_type(topology, HWLOC_OBJ_PU, unit)) != nullptr;) {
    if (!known || (unit->os_index < CPU_SETSIZE && CPU_ISSET(unit->os_index, &allowed))) units.push_back(unit);
  }
  return units;
}

unsigned index_of_ancestor(hwloc_topology_t topology, hwloc_obj_t unit, hwloc_obj_type_t type) {
  const hwloc_obj_t ancestor = hwloc_get_ancestor_obj_by_type(topology, type, unit);
  return ancestor == nullptr ? 0 : ancestor->logical_index;
}

std::vector<Cache> caches_of(hwloc_topology_t topology) {
  std::vector<Cache> caches;
  for (const hwloc_obj_type_t type : {HWLOC_OBJ_L1CACHE, HWLOC_OBJ_L2CACHE, HWLOC_OBJ_L3CACHE}) {
    if (const hwloc_obj_t cache = hwloc_get_obj_by_type(topology, type, 0)) {
      caches.push_back({cache->attr->cache.depth, static_cast<std::size_t>(cache->attr->cache.size),
                        static_cast<unsigned>(hwloc_bitmap_weight(cache->cpuset))});
    }
  }
  return caches;
}

}  // namespace

Pinning pinning_of(std::string_view name) {
  if (name == "compact") return Pinning::compact;
  if (name == "scatter") return Pinning::scatter;
  if (name == "none") return Pinning::none;
  throw std::invalid_argument("unknown pinning '" + std::string(name) + "' (compact, scatter, none)");
}

Topology Topology::detect() {
  const Handle handle = load_topology();
  const hwloc_topology_t topology = handle.get();
  Topology result;
  const std::vector<hwloc_obj_t> units = allowed_units(topology);
  if (units.empty()) throw std::runtime_error("hwloc finds no processor that this process may use");

  // scatter: first the first hardware thread of every core, alternating between packages; then the second hardware
  // threads.
  std::vector<std::tuple<unsigned, unsigned, unsigned, int>> spread;
  std::vector<unsigned> cores;
  std::vector<std::pair<unsigned, unsigned>> seen_in_package;
  for (const hwloc_obj_t unit : units) {
    const unsigned core = index_of_ancestor(topology, unit, HWLOC_OBJ_CORE);
    const unsigned package = index_of_ancestor(topology, unit, HWLOC_OBJ_PACKAGE);
    const auto sibling = static_cast<unsigned>(std::count(cores.begin(), cores.end(), core));
    const auto place =
        static_cast<unsigned>(std::count(seen_in_package.begin(), seen_in_package.end(), std::pair{package, sibling}));
    cores.push_back(core);
    seen_in_package.emplace_back(package, sibling);
    spread.emplace_back(sibling, place, package, static_cast<int>(unit->os_index));
    result.compact.push_back(static_cast<int>(unit->os_index));
  }
  std::sort(spread.begin(), spread.end());
  for (const auto& unit : spread) result.scatter.push_back(std::get<3>(unit));
  std::sort(cores.begin(), cores.end());
  result.cores = static_cast<std::size_t>(std::unique(cores.begin(), cores.end()) - cores.begin());
  result.packages = static_cast<std::size_t>(std::max(1, hwloc_get_nbobjs_by_type(topology, HWLOC_OBJ_PACKAGE)));
  result.numa_nodes = static_cast<std::size_t>(std::max(1, hwloc_get_nbobjs_by_type(topology, HWLOC_OBJ_NUMANODE)));
  result.caches = caches_of(topology);
  return result;
}

std::vector<int> Topology::place(std::size_t threads, Pinning pinning) const {
  std::vector<int> cpus(threads, -1);
  if (pinning == Pinning::none) return cpus;
  const std::vector<int>& order = pinning == Pinning::compact ? compact : scatter;
  for (std::size_t i = 0; i < threads; ++i) cpus[i] = order[i % order.size()];
  return cpus;
}

bool pinning_is_allowed() noexcept {
  cpu_set_t set;
  CPU_ZERO(&set);
  return pthread_getaffinity_np(pthread_self(), sizeof set, &set) == 0 &&
         pthread_setaffinity_np(pthread_self(), sizeof set, &set) == 0;
}

bool pin_this_thread(int cpu) noexcept {
  cpu_set_t set;
  CPU_ZERO(&set);
  CPU_SET(static_cast<unsigned>(cpu), &set);
  return pthread_setaffinity_np(pthread_self(), sizeof set, &set) == 0;
}

}  // namespace racetrack::load
