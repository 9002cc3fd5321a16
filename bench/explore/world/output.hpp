// Catches standard output and standard error of the subject. Of very many executions, only the failing one's output is shown, and a subject that closes
// these descriptors does not silence the verdict. Other descriptors that an execution leaves open are closed after it.
#pragma once

#include <string>
#include <vector>

namespace racetrack::explore {

class Output {
 public:
  constexpr Output() = default;

  /// Descriptors 1 and 2 lead into a file in memory until end().
  void begin();
  void end();
  /// Forgets what was printed, and undoes what the latest execution did to descriptors.
  void begin_execution();
  /// The output of the execution, with the buffers of stdio; at most the last 64 KiB.
  [[nodiscard]] std::string text() const;
  /// The execution has opened or closed descriptors.
  void descriptors_change() noexcept { changed_ = true; }
  /// Where the process's own standard error is.
  [[nodiscard]] int own_error() const noexcept { return file_ >= 0 ? error_ : 2; }

 private:
  void put_back_descriptors();

  int file_ = -1;
  int out_ = -1, error_ = -1;  ///< the process's own
  bool changed_ = false;
  std::vector<int> open_;  ///< at the beginning, in ascending order
};

}  // namespace racetrack::explore
