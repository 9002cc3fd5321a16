// Opens files that a user names, without blocking, and only regular ones.
#pragma once

#include <cstdint>
#include <filesystem>
#include <functional>
#include <string>
#include <string_view>

#include <racetrack/descriptor.hpp>

namespace racetrack::host {

class RegularFile {
 public:
  /// An object without a file.
  static RegularFile none() { return {}; }
  /// Opens for reading.
  static RegularFile read(const std::filesystem::path& file);
  /// Opens with these flags of open(2). Does not block on a FIFO without a reader: it refuses FIFOs, devices and
  /// folders.
  static RegularFile open(const std::filesystem::path& file, int flags);

  [[nodiscard]] bool is_open() const noexcept { return descriptor_.get() >= 0; }
  [[nodiscard]] bool is_missing() const noexcept { return missing_; }
  /// Returns why the file is not open, as text to follow the file's name: "is not a regular file".
  [[nodiscard]] const std::string& error() const noexcept { return error_; }
  [[nodiscard]] int descriptor() const noexcept { return descriptor_.get(); }
  /// Returns the current size in bytes.
  [[nodiscard]] std::uintmax_t size() const;

  /// Returns the whole content.
  [[nodiscard]] std::string content() const;
  /// Calls visit for each line, from the beginning of the file. Skips empty lines. Passes an empty line instead of one
  /// of more than `most` bytes.
  void for_each_line(std::size_t most, const std::function<void(std::string_view)>& visit) const;

 private:
  RegularFile() = default;

  Descriptor descriptor_;
  bool missing_ = false;
  std::string error_;
};

}  // namespace racetrack::host
