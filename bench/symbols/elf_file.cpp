#include "symbols/elf_file.hpp"

#include <cstdlib>
#include <cstring>
#include <utility>

#include <cxxabi.h>
#include <elf.h>
#include <fcntl.h>
#include <sys/mman.h>
#include <sys/stat.h>
#include <unistd.h>

#include "symbols/file_content.hpp"

namespace racetrack::symbols {
namespace {

#if defined(__x86_64__)
constexpr unsigned kMachine = EM_X86_64;
#elif defined(__aarch64__)
constexpr unsigned kMachine = EM_AARCH64;
#endif

std::string demangled(const std::string& name) {
  if (!name.starts_with("_Z")) return name;  // a C variable named `a` must not become `signed char`
  int status = 0;
  char* const text = abi::__cxa_demangle(name.c_str(), nullptr, nullptr, &status);
  std::string result = status == 0 ? text : name;
  std::free(text);
  return result;
}

/// Whether `texts`, names that each end with a zero byte, contains a name that is `name` or ends with it.
bool contains_text(std::string_view texts, const std::string& name) {
  return memmem(texts.data(), texts.size(), name.c_str(), name.size() + 1) != nullptr;
}

}  // namespace

std::optional<ElfFile> ElfFile::read(const std::filesystem::path& file) {
  std::error_code error;
  if (!std::filesystem::is_regular_file(file, error)) return std::nullopt;
  std::optional<std::string> bytes = content_of(file.string());
  if (!bytes || !bytes->starts_with(ELFMAG)) return std::nullopt;
  const auto keeper = std::make_shared<const std::string>(std::move(*bytes));
  return ElfFile(keeper, *keeper);
}

std::optional<ElfFile> ElfFile::map(const std::filesystem::path& file) {
  const int descriptor = open(file.c_str(), O_RDONLY | O_CLOEXEC);
  struct stat status {};
  const bool usable =
      descriptor >= 0 && fstat(descriptor, &status) == 0 && S_ISREG(status.st_mode) && status.st_size > 0;
  const auto size = static_cast<std::size_t>(usable ? status.st_size : 0);
  void* const memory = usable ? mmap(nullptr, size, PROT_READ, MAP_PRIVATE, descriptor, 0) : MAP_FAILED;
  if (descriptor >= 0) close(descriptor);
  if (memory == MAP_FAILED) return std::nullopt;
  std::shared_ptr<const void> keeper(memory, [size](void* mapped) { munmap(mapped, size); });
  const std::string_view bytes(static_cast<const char*>(memory), size);
  if (!bytes.starts_with(ELFMAG)) return std::nullopt;
  return ElfFile(std::move(keeper), bytes);
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
  return std::string(bytes_.substr(offset, bytes_.find('\0', offset) - offset));
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
  std::uint64_t offset = 0;  // file offset of the strings, which the table gives by address
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
void ElfFile::for_each_symbol_table(Visit visit) const {
  const auto header = record_at<Elf64_Ehdr>(0);
  if (!header || !is_native()) return;
  const auto section_at = [&](std::uint64_t index) {
    return record_at<Elf64_Shdr>(header->e_shoff + index * sizeof(Elf64_Shdr));
  };
  for (unsigned i = 0; i < header->e_shnum; ++i) {
    const auto section = section_at(i);
    if (!section || (section->sh_type != SHT_SYMTAB && section->sh_type != SHT_DYNSYM)) continue;
    const auto strings = section_at(section->sh_link);
    if (strings && visit(*section, *strings)) return;
  }
}

template <class Visit>
void ElfFile::for_each_symbol_in(const Elf64_Shdr& table, Visit visit) const {
  for (std::uint64_t at = 0; at + sizeof(Elf64_Sym) <= table.sh_size; at += sizeof(Elf64_Sym)) {
    const auto symbol = record_at<Elf64_Sym>(table.sh_offset + at);
    if (!symbol || visit(*symbol)) return;
  }
}

template <class Visit>
void ElfFile::for_each_symbol(Visit visit) const {
  for_each_symbol_table([&](const Elf64_Shdr& symbols, const Elf64_Shdr& strings) {
    bool ended = false;
    for_each_symbol_in(symbols, [&](const Elf64_Sym& symbol) {
      ended = visit(symbol, strings.sh_offset + symbol.st_name);
      return ended;
    });
    return ended;
  });
}

std::optional<std::size_t> ElfFile::first_symbol_of(std::span<const std::string> names) const {
  std::optional<std::size_t> found;
  for_each_symbol_table([&](const Elf64_Shdr& symbols, const Elf64_Shdr& strings) {
    if (strings.sh_offset > bytes_.size()) return false;
    const std::string_view texts = bytes_.substr(strings.sh_offset, strings.sh_size);
    for (std::size_t i = 0; i < names.size() && !found; ++i) {
      // A program has up to millions of symbols, and hardly ever one of these: search the text of all names first. A
      // hit there can also be the end of a longer name.
      if (!contains_text(texts, names[i])) continue;
      for_each_symbol_in(symbols, [&](const Elf64_Sym& symbol) {
        if (text_at(strings.sh_offset + symbol.st_name) == names[i]) found = i;
        return found.has_value();
      });
    }
    return found.has_value();
  });
  return found;
}

std::optional<std::uint64_t> ElfFile::address_of_offset(std::uint64_t offset) const {
  std::optional<std::uint64_t> address;
  for_each_segment([&](const Elf64_Phdr& segment) {
    // The memory of a segment extends beyond its bytes in the file: zero-initialised variables. If two segments fit,
    // prefer the one whose bytes are in the file.
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
