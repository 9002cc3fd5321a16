#include "host/disturbance.hpp"

#include <set>

namespace racetrack::host {

bool Disturbance::judge(nlohmann::json& answer) const {
  if (!answer.is_object() || answer["metrics"].empty()) return false;
  std::set<int> processors;
  bool is_pinned = true;
  for (const nlohmann::json& thread : answer["placement"]) {
    const nlohmann::json& cpu = thread["cpu"];
    if (cpu.is_number_integer()) {
      processors.insert(cpu.get<int>());
    } else {
      is_pinned = false;
    }
  }
  Steal during;
  for (const auto& [cpu, after] : Steal::read_each()) {
    const auto before = before_.find(cpu);
    if (before == before_.end() || (is_pinned && !processors.contains(cpu))) continue;
    during.stolen += after.stolen - before->second.stolen;
    during.all += after.all - before->second.all;
  }
  nlohmann::json& metrics = answer["metrics"];
  const double steal = during.all > 0 ? during.stolen / during.all : 0;
  metrics["steal_ratio"] = steal;
  if (steal > kMostSteal && during.stolen >= kFewestStolenTicks) return true;
  const auto rounds = metrics.find("disturbed_rounds_ratio");
  return is_pinned && processors.size() == answer["placement"].size() && rounds != metrics.end() &&
         rounds->is_number() && rounds->get<double>() > kMostDisturbedRounds;
}

}  // namespace racetrack::host
