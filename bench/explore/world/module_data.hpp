// The subject's global variables: remembered before the first execution, put back before every other.
#pragma once

#include <cstddef>
#include <cstdint>
#include <string>
#include <vector>

namespace racetrack::explore {

/// Addresses from begin to before end.
struct Span {
  std::uintptr_t begin, end;
};

class ModuleData {
 public:
  constexpr ModuleData() = default;
  ModuleData(const ModuleData&) = delete;
  ModuleData& operator=(const ModuleData&) = delete;
  /// Libraries may write again, as they do when the process ends.
  ~ModuleData();

  /// Remembers the writable data of the module that holds `address`, less the explorer's own state.
  /// `guards`: most of it will not change. Its pages are write-protected, and those that are written after all are put back.
  void remember(const void* address, bool guards = false);
  /// The same for every library but the standard ones and the executable itself.
  void remember_libraries();
  void restore() const noexcept;
  /// Is this a variable of a standard library? Those keep what an execution has made of them.
  [[nodiscard]] bool leaves_alone(std::uintptr_t address) const noexcept;
  /// After a fault: was that a guarded page's first write? Then it may go on.
  bool unguard(std::uintptr_t address) noexcept;

 private:
  static constexpr std::size_t kPage = 4096;
  struct Range {
    char* begin;
    std::vector<char> content;
  };
  struct Guarded {
    Range range;
    bool written;
  };
  void remember(char* begin, char* end);
  void guard(char* begin, char* end);
  std::vector<Range> ranges_;
  std::vector<Guarded> guarded_;
  std::vector<Span> left_alone_;
};

}  // namespace racetrack::explore
