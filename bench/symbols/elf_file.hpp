// Reads ELF files: whether the deadlock detector can be preloaded into a program, and names for the addresses in a
// finding.
#pragma once

#include <cstddef>
#include <cstdint>
#include <filesystem>
#include <memory>
#include <optional>
#include <span>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include <elf.h>

namespace racetrack::symbols {

/// The content of an ELF file. Const functions are thread-safe.
class ElfFile {
 public:
  /// Reads a file. Returns nothing when it cannot be read or is not an ELF file. A damaged file yields its readable
  /// parts.
  static std::optional<ElfFile> read(const std::filesystem::path& file);
  /// Maps the file instead of reading it: cheap for a few queries of a large file. The file must not be truncated while
  /// the object exists.
  static std::optional<ElfFile> map(const std::filesystem::path& file);

  /// Returns whether the file is for the machine and word size of this process.
  [[nodiscard]] bool is_native() const;
  /// Returns whether the file has an interpreter, the dynamic linker, which performs preloading.
  [[nodiscard]] bool is_dynamic() const;
  /// Returns the names of the libraries that it needs (DT_NEEDED).
  [[nodiscard]] std::vector<std::string> needed_libraries() const;
  /// Returns the index of a name in `names` that it defines or uses as a symbol, or nothing when there is none.
  /// O(length of all names).
  [[nodiscard]] std::optional<std::size_t> first_symbol_of(std::span<const std::string> names) const;
  /// Returns whether the file contains its source lines. They may be in a separate debug file instead.
  [[nodiscard]] bool has_source_lines() const;
  /// Converts an offset in the file, as in a memory map, to an address, as in its symbols. Returns nothing for an
  /// offset outside all segments.
  [[nodiscard]] std::optional<std::uint64_t> address_of_offset(std::uint64_t offset) const;
  /// Returns the demangled name of the variable at the address, or "" when there is none.
  [[nodiscard]] std::string variable_at(std::uint64_t address) const;
  /// Returns the demangled name of the function at the address, or "" when there is none.
  [[nodiscard]] std::string function_at(std::uint64_t address) const;

 private:
  ElfFile(std::shared_ptr<const void> keeper, std::string_view bytes) : keeper_(std::move(keeper)), bytes_(bytes) {}
  template <class Record>
  [[nodiscard]] std::optional<Record> record_at(std::uint64_t offset) const;
  [[nodiscard]] std::string text_at(std::uint64_t offset) const;
  [[nodiscard]] std::string symbol_at(std::uint64_t address, unsigned type) const;
  template <class Visit>
  void for_each_segment(Visit visit) const;
  // Each visitor returns whether to stop.
  template <class Visit>
  void for_each_symbol_table(Visit visit) const;
  template <class Visit>
  void for_each_symbol_in(const Elf64_Shdr& table, Visit visit) const;
  template <class Visit>
  void for_each_symbol(Visit visit) const;

  std::shared_ptr<const void> keeper_;  ///< owner of the bytes
  std::string_view bytes_;
};

}  // namespace racetrack::symbols
