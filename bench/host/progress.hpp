// Reports the progress of a sweep on standard error.
#pragma once

#include <chrono>
#include <cstddef>
#include <string>

#include <nlohmann/json.hpp>

namespace racetrack::host {

/// Rewrites one line on a terminal; elsewhere prints a line at most every 10 s.
class Progress {
 public:
  Progress(std::size_t total, bool quiet);
  ~Progress();
  Progress(const Progress&) = delete;
  Progress& operator=(const Progress&) = delete;

  /// Reports that case `name` starts after `done` finished ones.
  void show(std::size_t done, const std::string& name);
  /// Prints a line that is not overwritten.
  void print_line(const std::string& line);
  /// Prints such a line for a case record whose verdict is not as expected.
  void report_unexpected(const nlohmann::json& record);

 private:
  using Clock = std::chrono::steady_clock;

  [[nodiscard]] std::string time_left(std::size_t done) const;

  std::size_t total_;
  bool quiet_;
  bool terminal_;
  bool line_open_ = false;
  Clock::time_point began_ = Clock::now();
  Clock::time_point last_line_{};
};

}  // namespace racetrack::host
