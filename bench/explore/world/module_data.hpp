// The subject's global variables: remembered before the first execution, put back before every other.
#pragma once

#include <cstddef>
#include <string>
#include <vector>

namespace racetrack::explore {

class ModuleData {
 public:
  /// Remembers the writable data of the module that holds `address`, less the explorer's own state.
  void remember(const void* address);
  /// The same for every library but the standard ones and the executable itself.
  void remember_libraries();
  void restore() const noexcept;

 private:
  struct Range {
    char* begin;
    std::vector<char> content;
  };
  void remember(char* begin, char* end);
  std::vector<Range> ranges_;
};

}  // namespace racetrack::explore
