// How far a sweep has come, on the terminal.
#pragma once

#include <chrono>
#include <cstddef>
#include <string>

#include <nlohmann/json.hpp>

namespace racetrack::host {

/// Writes to standard error: one line that is rewritten on a terminal; elsewhere a plain line now and then.
class Progress {
 public:
  Progress(std::size_t total, bool quiet);
  ~Progress();
  Progress(const Progress&) = delete;
  Progress& operator=(const Progress&) = delete;

  /// Case `name` starts; `done` are behind it.
  void show(std::size_t done, const std::string& name);
  /// A line that stays.
  void tell(const std::string& line);
  /// Such a line for a case record whose verdict is not as expected.
  void tell_unexpected(const nlohmann::json& record);

 private:
  using Clock = std::chrono::steady_clock;

  [[nodiscard]] std::string time_left(std::size_t done) const;

  std::size_t total_;
  bool quiet_;
  bool terminal_;
  bool line_open_ = false;
  Clock::time_point began_ = Clock::now();
  Clock::time_point told_{};
};

}  // namespace racetrack::host
