// Summarises the results of a sweep for a terminal.
#pragma once

#include <map>
#include <string>
#include <utility>
#include <vector>

#include <nlohmann/json.hpp>

namespace racetrack::host {

/// One line per case, sorted by workload and parameters, the fastest first: median and range over forks, or the verdict
/// in the absence of a rate. Keeps one number per record.
class Summary {
 public:
  void add(const nlohmann::json& case_record);
  [[nodiscard]] std::string table() const;

 private:
  struct Row {
    std::string group;  ///< family, workload and the parameters that do not belong to the subject
    std::string subject;
    std::string unit;
    std::vector<double> rates;
    std::string trouble;
  };

  std::map<std::pair<std::string, std::string>, Row> rows_;  ///< by group and subject
};

/// 12345678.9 -> "12.3 M".
std::string with_prefix(double value);

}  // namespace racetrack::host
