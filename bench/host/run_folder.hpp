// A run: a folder with records.jsonl, environment.json and benchmark.json.
#pragma once

#include <filesystem>
#include <string>
#include <vector>

#include <nlohmann/json.hpp>

namespace racetrack::host {

/// The moment as in records: RFC 3339, UTC, milliseconds.
std::string utc_now();

/// Appends records whole, under a lock, to a folder that belongs to one build and one environment.
class RunFolder {
 public:
  /// Opens or makes `folder`. Throws Failure(usage) when it cannot be made or written, or holds records of another build or
  /// environment, or a records.jsonl that is none. `build` and `fingerprint` are this invocation's.
  RunFolder(std::filesystem::path folder, const nlohmann::json& build, const std::string& fingerprint);
  ~RunFolder();
  RunFolder(const RunFolder&) = delete;
  RunFolder& operator=(const RunFolder&) = delete;

  /// One line more. Throws Failure(incomplete) when the disk is full; then nothing of the line is left.
  void append(const nlohmann::json& record);

  /// Writes `name` (one of a subfolder: the subfolder is made) in the folder: temporary file, then rename.
  void write_file(const std::string& name, const std::string& text) const;

  /// Makes a folder in the run's, unless it is there. Its path is absolute. Throws Failure(incomplete) when it cannot be made.
  [[nodiscard]] std::filesystem::path make_folder(const std::string& name) const;

  /// The records that were there when the folder was opened, unreadable and damaged lines left out.
  [[nodiscard]] const std::vector<nlohmann::json>& earlier() const noexcept { return earlier_; }
  [[nodiscard]] std::size_t unreadable_lines() const noexcept { return unreadable_lines_; }
  [[nodiscard]] const std::filesystem::path& path() const noexcept { return folder_; }

 private:
  void read_earlier(const nlohmann::json& build, const std::string& fingerprint);

  std::filesystem::path folder_;
  std::vector<nlohmann::json> earlier_;
  std::size_t unreadable_lines_ = 0;
  int records_ = -1;
};

}  // namespace racetrack::host
