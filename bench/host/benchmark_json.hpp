// One document in Google Benchmark's own format from the documents of all children.
#pragma once

#include <string>
#include <vector>

#include <nlohmann/json.hpp>

namespace racetrack::host {

/// What a child's Google Benchmark said, and where it belongs.
struct ForkDocument {
  std::string name;  ///< of the case
  unsigned fork = 0;
  nlohmann::json document;
};

/// The first child's context and everybody's benchmarks, sorted by case and fork; repetition_index is the fork, and names end without
/// "/manual_time".
nlohmann::json merge_benchmarks(std::vector<ForkDocument> documents, unsigned forks);

}  // namespace racetrack::host
