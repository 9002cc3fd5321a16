#include "load/placement.hpp"

namespace racetrack::load {

nlohmann::json placement_json(const std::vector<Role>& roles, const std::vector<int>& cpus) {
  nlohmann::json placement = nlohmann::json::array();
  std::size_t thread = 0;
  for (const Role& role : roles) {
    for (std::size_t i = 0; i < role.threads; ++i, ++thread) {
      const int cpu = cpus[thread];
      placement.push_back(
          {{"role", role.name}, {"thread", thread}, {"cpu", cpu < 0 ? nlohmann::json(nullptr) : nlohmann::json(cpu)}});
    }
  }
  return placement;
}

}  // namespace racetrack::load
