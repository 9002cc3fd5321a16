#include "host/benchmark_json.hpp"

#include <algorithm>
#include <tuple>

namespace racetrack::host {
namespace {

void strip_ending(nlohmann::json& entry, const char* key, const std::string& name) {
  if (entry.contains(key)) entry[key] = name;
}

}  // namespace

nlohmann::json merge_benchmarks(std::vector<ForkDocument> documents, unsigned forks) {
  std::stable_sort(documents.begin(), documents.end(), [](const ForkDocument& a, const ForkDocument& b) {
    return std::tie(a.name, a.fork) < std::tie(b.name, b.fork);
  });
  nlohmann::json merged = {{"context", nlohmann::json::object()}, {"benchmarks", nlohmann::json::array()}};
  std::string family;
  long family_index = -1;
  for (ForkDocument& each : documents) {
    if (!each.document.is_object()) continue;
    if (merged["context"].empty()) merged["context"] = each.document.value("context", nlohmann::json::object());
    if (each.name != family) {
      family = each.name;
      ++family_index;
    }
    for (nlohmann::json& entry : each.document["benchmarks"]) {
      strip_ending(entry, "name", each.name);
      strip_ending(entry, "run_name", each.name);
      entry["family_index"] = family_index;
      entry["per_family_instance_index"] = 0;
      entry["repetitions"] = forks;
      entry["repetition_index"] = each.fork;
      merged["benchmarks"].push_back(std::move(entry));
    }
  }
  return merged;
}

}  // namespace racetrack::host
