#include "symbols/elf_file.hpp"

#include <cstdlib>
#include <cstring>
#include <utility>

#include <cxxabi.h>
#include <elf.h>

#include "symbols/file_content.hpp"

namespace racetrack::symbols {
namespace {

#if defined(__x86_64__)
constexpr unsigned kMachine = EM_X86_64;
#elif defined(__aarch64__)
constexpr unsigned kMachine = EM_AARCH64;
#endif

std::string demangled(const std::string& name) {
  if (!name.starts_with("_Z")) return name;  // a variable `a` of C is not `signed char`
  int status = 0;
  char* const text = abi::__cxa_demangle(name.c_str(), nullptr, nullptr, &status);
  std::string result = status == 0 ? text : name;
  std::free(text);
  return result;
}

}  // namespace

std::optional<ElfFile> ElfFile::read(const std::filesystem::path& file) {
  std::error_code error;
  if (!std::filesystem::is_regular_file(file, error)) return std::nullopt;
  std::optional<std::string> bytes = content_of(file.string());
  if (!bytes || !bytes->starts_with(ELFMAG)) return std::nullopt;
  return ElfFile(std::move(*bytes));
}

template <class Record>
std::optional<Record> ElfFile::record_at(std::uint64_t offset) const {
  if (offset > bytes_.size() || bytes_.size() - offset < sizeof(Record)) return std::nullopt;
  Record record;
  std::memcpy(&record, bytes_.data() + offset, sizeof record);
  return record;
}

std::string ElfFile::text_at(std::uint64_t offset) const {
  if (offset >= bytes_.size()) return "";
  return bytes_.substr(offset, bytes_.find('\0', offset) - offset);
}

bool ElfFile::is_native() const {
  const auto header = record_at<Elf64_Ehdr>(0);
  return header && header->e_ident[EI_CLASS] == ELFCLASS64 && header->e_machine == kMachine;
}

template <class Visit>
void ElfFile::for_each_segment(Visit visit) const {
  const auto header = record_at<Elf64_Ehdr>(0);
  if (!header || !is_native()) return;
  for (unsigned i = 0; i < header->e_phnum; ++i) {
    const auto segment = record_at<Elf64_Phdr>(header->e_phoff + std::uint64_t{i} * sizeof(Elf64_Phdr));
    if (segment) visit(*segment);
  }
}

bool ElfFile::is_dynamic() const {
  bool found = false;
  for_each_segment([&](const Elf64_Phdr& segment) { found = found || segment.p_type == PT_INTERP; });
  return found;
}

std::vector<std::string> ElfFile::needed_libraries() const {
  std::vector<std::uint64_t> names;
  std::uint64_t strings = 0;
  for_each_segment([&](const Elf64_Phdr& segment) {
    if (segment.p_type != PT_DYNAMIC) return;
    for (std::uint64_t at = 0; at + sizeof(Elf64_Dyn) <= segment.p_filesz; at += sizeof(Elf64_Dyn)) {
      const auto entry = record_at<Elf64_Dyn>(segment.p_offset + at);
      if (!entry || entry->d_tag == DT_NULL) break;
      if (entry->d_tag == DT_NEEDED) names.push_back(entry->d_un.d_val);
      if (entry->d_tag == DT_STRTAB) strings = entry->d_un.d_ptr;
    }
  });
  std::uint64_t offset = 0;  // of the strings, which are given by their address
  for_each_segment([&](const Elf64_Phdr& segment) {
    if (segment.p_type == PT_LOAD && strings >= segment.p_vaddr && strings < segment.p_vaddr + segment.p_filesz) {
      offset = strings - segment.p_vaddr + segment.p_offset;
    }
  });
  std::vector<std::string> libraries;
  for (const std::uint64_t name : names) libraries.push_back(text_at(offset + name));
  return libraries;
}

bool ElfFile::has_source_lines() const {
  const auto header = record_at<Elf64_Ehdr>(0);
  if (!header || !is_native()) return false;
  const auto section_at = [&](std::uint64_t index) {
    return record_at<Elf64_Shdr>(header->e_shoff + index * sizeof(Elf64_Shdr));
  };
  const auto names = section_at(header->e_shstrndx);
  for (unsigned i = 0; names && i < header->e_shnum; ++i) {
    const auto section = section_at(i);
    if (section && text_at(names->sh_offset + section->sh_name) == ".debug_line") return true;
  }
  return false;
}

template <class Visit>
void ElfFile::for_each_symbol(Visit visit) const {
  const auto header = record_at<Elf64_Ehdr>(0);
  if (!header || !is_native()) return;
  const auto section_at = [&](std::uint64_t index) {
    return record_at<Elf64_Shdr>(header->e_shoff + index * sizeof(Elf64_Shdr));
  };
  for (unsigned i = 0; i < header->e_shnum; ++i) {
    const auto section = section_at(i);
    if (!section || (section->sh_type != SHT_SYMTAB && section->sh_type != SHT_DYNSYM)) continue;
    const auto strings = section_at(section->sh_link);
    if (!strings) continue;
    for (std::uint64_t at = 0; at + sizeof(Elf64_Sym) <= section->sh_size; at += sizeof(Elf64_Sym)) {
      const auto symbol = record_at<Elf64_Sym>(section->sh_offset + at);
      if (!symbol) break;
      if (visit(*symbol, strings->sh_offset + symbol->st_name)) return;
    }
  }
}

bool ElfFile::has_symbol(const std::string& name) const {
  bool found = false;
  for_each_symbol([&](const Elf64_Sym&, std::uint64_t text) {
    found = text < bytes_.size() && bytes_.compare(text, name.size() + 1, name.c_str(), name.size() + 1) == 0;
    return found;
  });
  return found;
}

std::optional<std::uint64_t> ElfFile::address_of_offset(std::uint64_t offset) const {
  std::optional<std::uint64_t> address;
  for_each_segment([&](const Elf64_Phdr& segment) {
    // The memory of a segment goes on where its bytes in the file end: variables that begin as zero. Of two that fit, the
    // one whose bytes are there counts.
    if (segment.p_type != PT_LOAD || offset < segment.p_offset || offset - segment.p_offset >= segment.p_memsz) return;
    if (!address || offset - segment.p_offset < segment.p_filesz) address = offset - segment.p_offset + segment.p_vaddr;
  });
  return address;
}

std::string ElfFile::symbol_at(std::uint64_t address, unsigned type) const {
  std::string name;
  for_each_symbol([&](const Elf64_Sym& symbol, std::uint64_t text) {
    if (ELF64_ST_TYPE(symbol.st_info) != type || symbol.st_shndx == SHN_UNDEF) return false;
    if (address < symbol.st_value || address - symbol.st_value >= symbol.st_size) return false;
    name = demangled(text_at(text));
    return true;
  });
  return name;
}

std::string ElfFile::variable_at(std::uint64_t address) const { return symbol_at(address, STT_OBJECT); }

std::string ElfFile::function_at(std::uint64_t address) const { return symbol_at(address, STT_FUNC); }

}  // namespace racetrack::symbols
