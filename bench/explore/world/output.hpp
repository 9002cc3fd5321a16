// Captures standard output and standard error of the subject. Only the output of the failing execution is shown, and a
// subject that closes these descriptors does not suppress the verdict. Other descriptors that an execution leaves open
// are closed after it.
#pragma once

#include <string>
#include <vector>

namespace racetrack::explore {

class Output {
 public:
  constexpr Output() = default;

  /// Redirects descriptors 1 and 2 to a file in memory until end().
  void begin();
  void end();
  /// Drops the output so far, and restores the descriptors that the latest execution changed.
  void begin_execution();
  /// The output of the execution, including stdio's buffers; at most the last 64 KiB.
  [[nodiscard]] std::string text() const;
  /// Records that the execution has opened or closed descriptors.
  void descriptors_change() noexcept { changed_ = true; }
  /// The descriptor of the process's own standard error.
  [[nodiscard]] int own_error() const noexcept { return file_ >= 0 ? error_ : 2; }

 private:
  void restore_descriptors();

  int file_ = -1;
  int out_ = -1, error_ = -1;  ///< copies of the process's own descriptors
  bool changed_ = false;
  std::vector<int> open_;  ///< descriptors at the beginning of the session, in ascending order
};

}  // namespace racetrack::explore
