// Stores text for later: in memory up to 1 MiB, then in a temporary file.
#pragma once

#include <cstdint>
#include <cstdio>
#include <memory>
#include <string>
#include <string_view>

namespace racetrack::host {

/// Keeps the final output of a campaign out of memory while the campaign runs. The file has no name and disappears with
/// this process. When no file can be made, all text stays in memory.
class Spool {
 public:
  /// The position of a text.
  struct Place {
    std::uint64_t begin = 0;
    std::uint32_t bytes = 0;
  };

  /// Appends a text. Throws Failure(incomplete) when the temporary folder is full.
  Place add(std::string_view text);

  /// Returns a text that add() stored.
  [[nodiscard]] std::string text_at(const Place& place) const;

  /// Writes all texts in order.
  void copy_to(std::FILE* stream) const;

 private:
  struct Close {
    void operator()(std::FILE* file) const { std::fclose(file); }
  };

  void spill();

  std::unique_ptr<std::FILE, Close> file_;
  std::uint64_t in_file_ = 0;
  std::string rest_;  ///< the text after the file's content
  bool tried_ = false;
};

}  // namespace racetrack::host
