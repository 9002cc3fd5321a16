#include "load/topology.hpp"

#include <algorithm>
#include <set>
#include <stdexcept>

#include <gtest/gtest.h>
#include <sched.h>

namespace racetrack::load {
namespace {

std::vector<int> sorted(std::vector<int> values) {
  std::sort(values.begin(), values.end());
  return values;
}

std::vector<int> allowed_processors() {
  cpu_set_t set;
  CPU_ZERO(&set);
  sched_getaffinity(0, sizeof set, &set);
  std::vector<int> allowed;
  for (int cpu = 0; cpu < CPU_SETSIZE; ++cpu) {
    if (CPU_ISSET(static_cast<unsigned>(cpu), &set)) allowed.push_back(cpu);
  }
  return allowed;
}

TEST(Topology, BothOrdersHoldEachAllowedProcessorOnce) {
  const Topology topology = Topology::detect();
  EXPECT_EQ(sorted(topology.compact), allowed_processors());
  EXPECT_EQ(sorted(topology.scatter), allowed_processors());
  EXPECT_GE(topology.cores, 1U);
  EXPECT_LE(topology.cores, topology.hardware_threads());
  EXPECT_GE(topology.packages, 1U);
  EXPECT_GE(topology.numa_nodes, 1U);
}

TEST(Topology, OfAProcessWithOneProcessorIsThatProcessor) {
  const std::vector<int> allowed = allowed_processors();
  cpu_set_t before;
  sched_getaffinity(0, sizeof before, &before);
  ASSERT_TRUE(pin_this_thread(allowed.back()));
  const Topology topology = Topology::detect();
  sched_setaffinity(0, sizeof before, &before);
  EXPECT_EQ(topology.compact, std::vector<int>{allowed.back()});
  EXPECT_EQ(topology.cores, 1U);
}

TEST(Place, StartsAgainAfterTheLastProcessor) {
  Topology topology;
  topology.compact = {0, 1, 2, 3};
  topology.scatter = {0, 2, 1, 3};
  EXPECT_EQ(topology.place(6, Pinning::compact), (std::vector<int>{0, 1, 2, 3, 0, 1}));
  EXPECT_EQ(topology.place(6, Pinning::scatter), (std::vector<int>{0, 2, 1, 3, 0, 2}));
  EXPECT_EQ(topology.place(3, Pinning::none), (std::vector<int>{-1, -1, -1}));
  EXPECT_TRUE(topology.place(0, Pinning::compact).empty());
}

TEST(PinThisThread, FailsForAProcessorThatDoesNotExist) { EXPECT_FALSE(pin_this_thread(CPU_SETSIZE - 1)); }

TEST(PinningOf, ParsesItsThreeNames) {
  EXPECT_EQ(pinning_of("compact"), Pinning::compact);
  EXPECT_EQ(pinning_of("scatter"), Pinning::scatter);
  EXPECT_EQ(pinning_of("none"), Pinning::none);
  EXPECT_THROW(pinning_of("loose"), std::invalid_argument);
}

}  // namespace
}  // namespace racetrack::load
