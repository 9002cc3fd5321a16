// Merges the Google Benchmark documents of all children into one document in the same format.
#pragma once

#include <cstdint>
#include <filesystem>
#include <functional>
#include <map>
#include <string>
#include <utility>
#include <vector>

#include <nlohmann/json.hpp>

#include "host/spool.hpp"

namespace racetrack::host {

/// Holds the first child's context and the benchmarks of all children, sorted by case and fork. repetition_index is the
/// fork, and names end without "/manual_time". A later document of a case and fork replaces an earlier one. The texts
/// are kept in a spool.
class BenchmarkJson {
 public:
  explicit BenchmarkJson(unsigned forks) : forks_(forks) {}

  /// Adds the document of the child that ran this case and fork. A document without benchmarks is ignored.
  void add(const std::string& name, unsigned fork, const nlohmann::json& document);

  /// Adds the entries that an earlier invocation wrote into `file`, for cases and forks that are not here yet. Returns
  /// the reason when it did not read the file. Returns an empty text on success and for a missing file.
  [[nodiscard]] std::string add_earlier(const std::filesystem::path& file);

  /// Writes the document by calling `piece` with consecutive parts of its text.
  void write(const std::function<void(const std::string&)>& piece) const;

 private:
  struct Key {
    std::uint32_t name = 0, fork = 0;
    bool operator<(const Key& other) const { return std::pair{name, fork} < std::pair{other.name, other.fork}; }
  };

  std::uint32_t number_of(const std::string& name);
  void add_entries(const std::string& name, unsigned fork, const nlohmann::json& entries,
                   const nlohmann::json& context);

  unsigned forks_;
  std::map<std::string, std::uint32_t> numbers_;  ///< index of each case, by name
  std::vector<std::pair<Key, Spool::Place>> entries_;
  Spool texts_;
  std::pair<std::string, unsigned> first_;  ///< case and fork that context_ is from
  nlohmann::json context_ = nlohmann::json::object();
};

}  // namespace racetrack::host
