#include "explore/trace/code_place.hpp"

#include <filesystem>
#include <string_view>

#include <link.h>

#include "explore/interpose/time_stamp.hpp"

namespace racetrack::explore {
namespace {

/// Not a static variable, which would be restored with those of the subject.
std::string this_program() { return std::filesystem::read_symlink("/proc/self/exe").string(); }

}  // namespace

FilePlace in_file(std::uintptr_t address) {
  struct Search {
    std::uintptr_t address;
    FilePlace place;
  } search{address, {}};
  dl_iterate_phdr(
      [](dl_phdr_info* module, std::size_t, void* argument) {
        auto& its = *static_cast<Search*>(argument);
        for (int i = 0; i < module->dlpi_phnum; ++i) {
          const auto& segment = module->dlpi_phdr[i];
          const std::uintptr_t begin = module->dlpi_addr + segment.p_vaddr;
          if (segment.p_type != PT_LOAD || its.address - begin >= segment.p_memsz) continue;
          its.place = {module->dlpi_name[0] != '\0' ? module->dlpi_name : this_program(),
                       its.address - begin + segment.p_offset};
          return 1;
        }
        return 0;
      },
      &search);
  return search.place;
}

symbols::SourcePlace place_among(const std::vector<symbols::SourcePlace>& places) {
  return symbols::telling_place(places, symbols::is_standard_header);
}

std::string short_name(const std::string& file) {
  static constexpr std::string_view kInstalled = "/usr/include/";
  return file.starts_with(kInstalled) ? file.substr(kInstalled.size()) : file.substr(file.rfind('/') + 1);
}

std::string describe_code(std::uintptr_t address) {
  FilePlace place = in_file(address);
  if (place.module.empty()) return "";
  ++place.offset;                     // the symboliser expects return addresses
  const ReadableTimeStamps readable;  // addr2line needs them
  symbols::Symboliser symbols;
  symbols.want(place.module, place.offset);
  symbols.resolve();
  const symbols::SourcePlace found = place_among(symbols.places(place.module, place.offset));
  std::string text = found.function;
  if (!found.file.empty())
    return text + (text.empty() ? "" : " at ") + short_name(found.file) + ":" + std::to_string(found.line);
  return text + (text.empty() ? "" : " in ") + short_name(place.module);
}

}  // namespace racetrack::explore
