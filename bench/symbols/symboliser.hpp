// Names for addresses: functions and source lines by addr2line (binutils, there where g++ is), variables by the symbol table.
#pragma once

#include <cstdint>
#include <map>
#include <optional>
#include <string>
#include <utility>
#include <vector>

#include "symbols/elf_file.hpp"

namespace racetrack::symbols {

struct SourcePlace {
  std::string function;  ///< demangled; empty when unknown
  std::string file;      ///< empty when unknown
  unsigned line = 0;
  bool inlined = false;  ///< into the next one
};

/// No place that tells a reader where something happened: what stands there was inlined from somewhere else.
bool is_library_header(const std::string& file);

/// Of the compiler or of libc. Other libraries' headers may be what is under test.
bool is_standard_header(const std::string& file);

/// The place that a reader looks for: not the header that it was inlined from.
SourcePlace telling_place(const std::vector<SourcePlace>& places,
                          bool (*passed_over)(const std::string& file) = is_library_header);

class Symboliser {
 public:
  /// A call in `module` that returns to `offset` (bytes from the beginning of the file).
  void want(const std::string& module, std::uint64_t offset);
  /// Resolves all that is wanted: one addr2line for each module. Without addr2line nothing is known.
  void resolve();
  /// Innermost first, with what was inlined; empty when nothing is known.
  [[nodiscard]] std::vector<SourcePlace> places(const std::string& module, std::uint64_t offset) const;
  /// The variable at `offset`, or "".
  [[nodiscard]] std::string variable(const std::string& module, std::uint64_t offset);

 private:
  const std::optional<ElfFile>& file(const std::string& module);

  std::map<std::string, std::map<std::uint64_t, std::vector<SourcePlace>>> wanted_;
  std::map<std::string, std::optional<ElfFile>> files_;
};

}  // namespace racetrack::symbols
