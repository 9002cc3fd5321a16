// A run: a folder with records.jsonl, environment.json and benchmark.json.
#pragma once

#include <cstdint>
#include <filesystem>
#include <functional>
#include <string>

#include <nlohmann/json.hpp>

#include <racetrack/descriptor.hpp>

#include "host/regular_file.hpp"

namespace racetrack::host {

/// Returns the current time as in records: RFC 3339, UTC, milliseconds.
std::string utc_now();

/// Appends whole records, under a lock, to a folder that belongs to one build and one environment. At most one
/// racetrack per engine writes to it at a time. Throws when the folder or records.jsonl is removed, replaced or
/// truncated during the life of this object.
class RunFolder {
 public:
  /// Opens or makes `folder` and calls earlier(record) for each record in it, except unreadable and damaged lines.
  /// Throws Failure(usage) in these cases: the folder cannot be made or written; another racetrack writes records of
  /// `engine` to it; its records are of another build or environment; its records.jsonl holds no records or has more
  /// than a GiB. `build` and `fingerprint` are those of this invocation.
  RunFolder(std::filesystem::path folder, const std::string& engine, const nlohmann::json& build,
            const std::string& fingerprint, const std::function<void(nlohmann::json&&)>& earlier);
  RunFolder(const RunFolder&) = delete;
  RunFolder& operator=(const RunFolder&) = delete;

  /// Appends one line and writes the new size to records.size. Throws Failure(incomplete) when the disk is full, after
  /// it has removed the partial line, and under the conditions of check().
  void append(const nlohmann::json& record);

  /// Throws Failure(incomplete) when the folder or its records.jsonl was replaced since it was opened, or has lost
  /// appended records.
  void check() const;

  /// Returns the number of lines that this object has appended.
  [[nodiscard]] std::size_t appended() const noexcept { return appended_; }

  /// Writes the file `name` in the folder, by a temporary file and rename. Makes the subfolder when `name` has one.
  /// `write` gets a function to which it passes the text in pieces. Throws Failure(incomplete) as append() does.
  void write_file(const std::string& name, const std::string& text) const;
  void write_file(const std::string& name,
                  const std::function<void(const std::function<void(const std::string&)>&)>& write) const;

  /// Makes a subfolder of the run folder unless it exists, and returns its absolute path. Throws Failure(incomplete)
  /// when it cannot be made.
  [[nodiscard]] std::filesystem::path make_folder(const std::string& name) const;

  [[nodiscard]] std::size_t unreadable_lines() const noexcept { return unreadable_lines_; }
  /// Returns how many bytes records.jsonl has lost at its end since its last record was written.
  [[nodiscard]] std::uintmax_t lost_bytes() const noexcept { return lost_bytes_; }
  /// Accepts the current size of records.jsonl as complete. For --resume: the turns whose records are missing run again
  /// and may write shorter records.
  void accept_loss();
  [[nodiscard]] const std::filesystem::path& path() const noexcept { return folder_; }
  /// Returns whether records.jsonl is larger than --resume and reports read.
  [[nodiscard]] bool is_too_large_to_read() const;

 private:
  [[nodiscard]] std::filesystem::path file() const { return folder_ / "records.jsonl"; }
  void lock_for(const std::string& engine) const;
  void read_earlier(const nlohmann::json& build, const std::string& fingerprint,
                    const std::function<void(nlohmann::json&&)>& earlier);
  void note_size();

  std::filesystem::path folder_;
  std::size_t unreadable_lines_ = 0, appended_ = 0;
  std::uintmax_t size_written_ = 0, lost_bytes_ = 0;
  std::uintmax_t least_size_ = 0;  ///< of records.jsonl, after the last append by this object
  Descriptor opened_;              ///< the folder
  RegularFile records_, size_;
};

/// Makes a new folder `name` in `parent`, or `name-2`, `name-3`, ... when the name is taken. Throws Failure(usage) when
/// none can be made.
std::filesystem::path make_new_folder(const std::filesystem::path& parent, const std::string& name);

}  // namespace racetrack::host
