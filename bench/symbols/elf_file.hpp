// What an ELF file says of itself: enough to know whether the deadlock detector can be preloaded into it, and to name the
// addresses in a finding.
#pragma once

#include <cstdint>
#include <filesystem>
#include <optional>
#include <string>
#include <vector>

namespace racetrack::symbols {

class ElfFile {
 public:
  /// Nothing when it cannot be read or is no ELF file. A damaged one yields what can be read of it.
  static std::optional<ElfFile> read(const std::filesystem::path& file);

  /// Made for the machine and word size of this process.
  [[nodiscard]] bool is_native() const;
  /// Has an interpreter, the dynamic linker, which is what preloads.
  [[nodiscard]] bool is_dynamic() const;
  [[nodiscard]] std::vector<std::string> needed_libraries() const;
  /// Defines or uses a symbol of exactly that name.
  [[nodiscard]] bool has_symbol(const std::string& name) const;
  /// Holds its own source lines, not in a file beside it.
  [[nodiscard]] bool has_source_lines() const;
  /// From an offset in the file, as a memory map counts, to an address as its symbols count.
  [[nodiscard]] std::optional<std::uint64_t> address_of_offset(std::uint64_t offset) const;
  /// The demangled name of the variable that lies at the address; empty when there is none.
  [[nodiscard]] std::string variable_at(std::uint64_t address) const;
  [[nodiscard]] std::string function_at(std::uint64_t address) const;

 private:
  explicit ElfFile(std::string bytes) : bytes_(std::move(bytes)) {}
  template <class Record>
  [[nodiscard]] std::optional<Record> record_at(std::uint64_t offset) const;
  [[nodiscard]] std::string text_at(std::uint64_t offset) const;
  [[nodiscard]] std::string symbol_at(std::uint64_t address, unsigned type) const;
  template <class Visit>
  void for_each_segment(Visit visit) const;
  template <class Visit>
  void for_each_symbol(Visit visit) const;

  std::string bytes_;
};

}  // namespace racetrack::symbols
