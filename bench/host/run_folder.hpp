// A run: a folder with records.jsonl, environment.json and benchmark.json.
#pragma once

#include <cstdint>
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
  /// environment, a records.jsonl that is none, or one of more than a GiB. `build` and `fingerprint` are this invocation's.
  RunFolder(std::filesystem::path folder, const nlohmann::json& build, const std::string& fingerprint);
  ~RunFolder();
  RunFolder(const RunFolder&) = delete;
  RunFolder& operator=(const RunFolder&) = delete;

  /// Appends one line, and writes the new size to records.size. Throws Failure(incomplete) when the disk is full; then nothing of the
  /// line is left.
  void append(const nlohmann::json& record);

  /// How many lines this object has appended.
  [[nodiscard]] std::size_t appended() const noexcept { return appended_; }

  /// Writes `name` (one of a subfolder: the subfolder is made) in the folder: temporary file, then rename.
  void write_file(const std::string& name, const std::string& text) const;

  /// Makes a folder in the run's, unless it is there. Its path is absolute. Throws Failure(incomplete) when it cannot be made.
  [[nodiscard]] std::filesystem::path make_folder(const std::string& name) const;

  /// The records that were there when the folder was opened, unreadable and damaged lines left out.
  [[nodiscard]] const std::vector<nlohmann::json>& earlier() const noexcept { return earlier_; }
  [[nodiscard]] std::size_t unreadable_lines() const noexcept { return unreadable_lines_; }
  /// How many bytes the file has lost at its end since its last record was written.
  [[nodiscard]] std::uintmax_t lost_bytes() const noexcept { return lost_bytes_; }
  /// Takes the file's present size for the whole: the turns whose records are missing run again, and may write shorter ones.
  void accept_loss();
  [[nodiscard]] const std::filesystem::path& path() const noexcept { return folder_; }

 private:
  void read_earlier(const nlohmann::json& build, const std::string& fingerprint);
  void note_size();

  std::filesystem::path folder_;
  std::vector<nlohmann::json> earlier_;
  std::size_t unreadable_lines_ = 0, appended_ = 0;
  std::uintmax_t size_written_ = 0, lost_bytes_ = 0;
  int records_ = -1, size_ = -1;
};

}  // namespace racetrack::host
