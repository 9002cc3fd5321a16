#include "explore/world/module_data.hpp"

#include <algorithm>
#include <cstdint>
#include <cstring>
#include <string_view>

#include <link.h>
#include <sys/mman.h>

// The section of the explorer's state: see runtime.hpp.
extern "C" {
extern char __start_racetrack_state[] __attribute__((weak, visibility("hidden")));
extern char __stop_racetrack_state[] __attribute__((weak, visibility("hidden")));
}

namespace racetrack::explore {
namespace {

struct Search {
  std::uintptr_t address;
  std::vector<Span> writable;
  Span read_only{0, 0};  ///< written by the loader only
  bool found = false;
};

int look_at(dl_phdr_info* module, std::size_t, void* argument) {
  auto& search = *static_cast<Search*>(argument);
  std::vector<Span> writable;
  Span read_only{0, 0};
  bool found = false;
  for (int i = 0; i < module->dlpi_phnum; ++i) {
    const auto& segment = module->dlpi_phdr[i];
    const std::uintptr_t begin = module->dlpi_addr + segment.p_vaddr, end = begin + segment.p_memsz;
    if (segment.p_type == PT_GNU_RELRO) read_only = {begin, (end + 4095) & ~std::uintptr_t{4095}};
    if (segment.p_type != PT_LOAD) continue;
    found |= begin <= search.address && search.address < end;
    if ((segment.p_flags & PF_W) != 0) writable.push_back({begin, end});
  }
  if (!found) return 0;
  search.writable = std::move(writable);
  search.read_only = read_only;
  search.found = true;
  return 1;
}

/// The variables of the module that holds `address`.
std::vector<Span> variables_of(const void* address) {
  Search search{reinterpret_cast<std::uintptr_t>(address), {}, {}, false};
  dl_iterate_phdr(look_at, &search);
  for (Span& span : search.writable) {
    if (search.read_only.begin <= span.begin)
      span.begin = std::max(span.begin, std::min(search.read_only.end, span.end));
  }
  return std::move(search.writable);
}

struct Libraries {
  std::vector<const void*> standard, others;
};

Libraries loaded_libraries() {
  Libraries libraries;
  dl_iterate_phdr(
      [](dl_phdr_info* module, std::size_t, void* found) {
        auto& loaded = *static_cast<Libraries*>(found);
        const std::string_view name(module->dlpi_name);
        const std::string_view file = name.substr(name.rfind('/') + 1);
        if (file.empty()) return 0;  // the executable
        const auto is = [&](std::string_view known) { return file.starts_with(known); };
        const bool standard = is("libc.") || is("libstdc++.") || is("libm.") || is("libgcc_s.") || is("ld-") ||
                              is("linux-vdso") || is("libpthread.");
        (standard ? loaded.standard : loaded.others).push_back(module->dlpi_phdr);
        return 0;
      },
      &libraries);
  return libraries;
}

}  // namespace

void ModuleData::remember(const void* address, bool guards) {
  const auto own_begin = reinterpret_cast<std::uintptr_t>(__start_racetrack_state);
  const auto own_end = reinterpret_cast<std::uintptr_t>(__stop_racetrack_state);
  for (const Span& span : variables_of(address)) {
    const auto known = [&](const Range& range) {
      const auto at = reinterpret_cast<std::uintptr_t>(range.begin);
      return span.begin <= at && at < span.end;
    };
    if (std::any_of(ranges_.begin(), ranges_.end(), known)) continue;
    const bool holds_own = span.begin <= own_begin && own_end <= span.end && own_begin != own_end;
    if (guards) {
      guard(reinterpret_cast<char*>(span.begin), reinterpret_cast<char*>(span.end));
    } else if (holds_own) {
      remember(reinterpret_cast<char*>(span.begin), reinterpret_cast<char*>(own_begin));
      remember(reinterpret_cast<char*>(own_end), reinterpret_cast<char*>(span.end));
    } else {
      remember(reinterpret_cast<char*>(span.begin), reinterpret_cast<char*>(span.end));
    }
  }
}

void ModuleData::remember_libraries() {
  const Libraries libraries = loaded_libraries();
  for (const void* library : libraries.others) remember(library, true);
  for (const void* library : libraries.standard) {
    const std::vector<Span> variables = variables_of(library);
    left_alone_.insert(left_alone_.end(), variables.begin(), variables.end());
  }
}

bool ModuleData::leaves_alone(std::uintptr_t address) const noexcept {
  return std::any_of(left_alone_.begin(), left_alone_.end(),
                     [&](const Span& span) { return span.begin <= address && address < span.end; });
}

void ModuleData::remember(char* begin, char* end) {
  if (begin < end) ranges_.push_back({begin, {begin, end}});
}

void ModuleData::guard(char* begin, char* end) {
  const auto page = [](std::uintptr_t at) { return at & ~std::uintptr_t{kPage - 1}; };
  char* const first = reinterpret_cast<char*>(page(reinterpret_cast<std::uintptr_t>(begin) + kPage - 1));
  char* const last = reinterpret_cast<char*>(page(reinterpret_cast<std::uintptr_t>(end)));
  if (first >= last) return remember(begin, end);
  remember(begin, first);
  for (char* at = first; at < last; at += kPage) guarded_.push_back({{at, {at, at + kPage}}, false});
  remember(last, end);
  mprotect(first, static_cast<std::size_t>(last - first), PROT_READ);
}

ModuleData::~ModuleData() {
  for (const Guarded& page : guarded_) mprotect(page.range.begin, kPage, PROT_READ | PROT_WRITE);
}

bool ModuleData::unguard(std::uintptr_t address) noexcept {
  for (Guarded& page : guarded_) {
    if (page.written || address - reinterpret_cast<std::uintptr_t>(page.range.begin) >= kPage) continue;
    page.written = true;
    return mprotect(page.range.begin, kPage, PROT_READ | PROT_WRITE) == 0;
  }
  return false;
}

void ModuleData::restore() const noexcept {
  for (const Guarded& page : guarded_) {
    if (page.written && std::memcmp(page.range.begin, page.range.content.data(), kPage) != 0) {
      std::memcpy(page.range.begin, page.range.content.data(), kPage);
    }
  }
  for (const Range& range : ranges_) {
    // Mostly nothing has changed, and to look is cheaper than to write.
    if (std::memcmp(range.begin, range.content.data(), range.content.size()) != 0) {
      std::memcpy(range.begin, range.content.data(), range.content.size());
    }
  }
}

}  // namespace racetrack::explore
