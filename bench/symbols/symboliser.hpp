// Names for addresses: addr2line (binutils, which g++ requires) provides functions and source lines, the symbol table
// provides variables.
#pragma once

#include <cstdint>
#include <map>
#include <optional>
#include <string>
#include <utility>
#include <vector>

#include "symbols/elf_file.hpp"

namespace racetrack::symbols {

/// A position in source code.
struct SourcePlace {
  std::string function;  ///< demangled; empty when unknown
  std::string file;      ///< empty when unknown
  unsigned line = 0;
  bool inlined = false;  ///< inlined into the next place
};

/// Returns whether the file is a header of a library. Such a place does not show where an event happened, because its
/// code is inlined elsewhere.
bool is_library_header(const std::string& file);

/// Returns whether the file is a header of the compiler or of libc. Headers of other libraries may be under test.
bool is_standard_header(const std::string& file);

/// Returns the innermost place that is not in a header to pass over: the position to show to a user.
SourcePlace telling_place(const std::vector<SourcePlace>& places,
                          bool (*passed_over)(const std::string& file) = is_library_header);

/// Resolves addresses of many modules in batches. Not thread-safe.
class Symboliser {
 public:
  /// Adds a call in `module` that returns to `offset` (bytes from the beginning of the file) to the next resolve().
  void want(const std::string& module, std::uint64_t offset);
  /// Resolves all added offsets with one addr2line process per module. Without addr2line, all remain unknown.
  void resolve();
  /// Returns the places of a resolved offset, including inlined functions, innermost first; empty when unknown.
  [[nodiscard]] std::vector<SourcePlace> places(const std::string& module, std::uint64_t offset) const;
  /// Returns the variable at `offset`, or "".
  [[nodiscard]] std::string variable(const std::string& module, std::uint64_t offset);

 private:
  const std::optional<ElfFile>& file(const std::string& module);

  std::map<std::string, std::map<std::uint64_t, std::vector<SourcePlace>>> wanted_;
  std::map<std::string, std::optional<ElfFile>> files_;
};

}  // namespace racetrack::symbols
