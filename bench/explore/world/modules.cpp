#include "explore/world/modules.hpp"

#include <algorithm>
#include <array>
#include <cstdint>
#include <cstring>
#include <string>
#include <string_view>
#include <utility>

#include <link.h>
#include <unistd.h>

// The section of the explorer's state: see runtime.hpp.
extern "C" {
extern char __start_racetrack_state[] __attribute__((weak, visibility("hidden")));
extern char __stop_racetrack_state[] __attribute__((weak, visibility("hidden")));
}

namespace racetrack::explore {
namespace {

struct Module {
  Span all{~std::uintptr_t{0}, 0};
  Span code{0, 0};
  std::vector<Span> variables;  ///< without what the loader alone writes
};

Module describe(const dl_phdr_info& info) {
  Module module;
  Span read_only{0, 0};
  for (int i = 0; i < info.dlpi_phnum; ++i) {
    const auto& segment = info.dlpi_phdr[i];
    const Span span{info.dlpi_addr + segment.p_vaddr, info.dlpi_addr + segment.p_vaddr + segment.p_memsz};
    if (segment.p_type == PT_GNU_RELRO) read_only = {span.begin, (span.end + 4095) & ~std::uintptr_t{4095}};
    if (segment.p_type != PT_LOAD) continue;
    module.all = {std::min(module.all.begin, span.begin), std::max(module.all.end, span.end)};
    if ((segment.p_flags & PF_X) != 0) module.code = span;
    if ((segment.p_flags & PF_W) != 0) module.variables.push_back(span);
  }
  for (Span& span : module.variables) {
    if (read_only.begin <= span.begin) span.begin = std::max(span.begin, std::min(read_only.end, span.end));
  }
  return module;
}

/// The same without the explorer's own state, which may be in the same executable.
std::vector<Span> without_own_state(const std::vector<Span>& spans) {
  const Span own{reinterpret_cast<std::uintptr_t>(__start_racetrack_state),
                 reinterpret_cast<std::uintptr_t>(__stop_racetrack_state)};
  std::vector<Span> rest;
  for (const Span& span : spans) {
    if (own.size() == 0 || !span.contains(own.begin)) {
      rest.push_back(span);
      continue;
    }
    rest.push_back({span.begin, own.begin});
    rest.push_back({own.end, span.end});
  }
  return rest;
}

/// The dynamic section of a module.
class Dynamic {
 public:
  explicit Dynamic(const dl_phdr_info& info) {
    for (int i = 0; i < info.dlpi_phnum; ++i) {
      if (info.dlpi_phdr[i].p_type != PT_DYNAMIC) continue;
      entries_ = reinterpret_cast<const ElfW(Dyn)*>(info.dlpi_addr + info.dlpi_phdr[i].p_vaddr);
    }
    for (const ElfW(Dyn)* entry = entries_; entry != nullptr && entry->d_tag != DT_NULL; ++entry) {
      switch (entry->d_tag) {  // the loader has made addresses of these
        case DT_STRTAB: texts_ = reinterpret_cast<const char*>(entry->d_un.d_ptr); break;
        case DT_SYMTAB: symbols_ = reinterpret_cast<const ElfW(Sym)*>(entry->d_un.d_ptr); break;
        case DT_GNU_HASH: hashes_ = reinterpret_cast<const std::uint32_t*>(entry->d_un.d_ptr); break;
        default: break;
      }
    }
  }
  /// Does it call what the compiler calls under -fsanitize=thread, as another module defines it?
  [[nodiscard]] bool is_instrumented() const {
    if (texts_ == nullptr || symbols_ == nullptr || hashes_ == nullptr) return false;
    const std::uint32_t undefined =
        hashes_[1];  // symbols that are looked up elsewhere come before those that are hashed
    for (std::uint32_t i = 0; i < undefined; ++i) {
      if (std::string_view(texts_ + symbols_[i].st_name) == "__tsan_init") return true;
    }
    return false;
  }
  [[nodiscard]] std::vector<std::string> needed() const {
    std::vector<std::string> names;
    for (const ElfW(Dyn)* entry = entries_; texts_ != nullptr && entry->d_tag != DT_NULL; ++entry) {
      if (entry->d_tag == DT_NEEDED) names.emplace_back(texts_ + entry->d_un.d_val);
    }
    return names;
  }

 private:
  const ElfW(Dyn) * entries_ = nullptr;
  const char* texts_ = nullptr;
  const ElfW(Sym) * symbols_ = nullptr;
  const std::uint32_t* hashes_ = nullptr;
};

struct Search {
  std::uintptr_t subject = 0;
  Modules found;
  std::vector<std::string> needed;          ///< by instrumented modules
  std::vector<std::string> uninstrumented;  ///< files
};

bool is_standard(std::string_view file) {
  static constexpr std::array<std::string_view, 6> kStandard{"libc.",     "libstdc++.",  "libm.",
                                                             "libgcc_s.", "libpthread.", "ld-"};
  return std::any_of(kStandard.begin(), kStandard.end(),
                     [&](std::string_view known) { return file.starts_with(known); });
}

int look_at(dl_phdr_info* info, std::size_t, void* argument) {
  auto& search = *static_cast<Search*>(argument);
  const std::string_view path(info->dlpi_name);
  const std::string_view file = path.substr(path.rfind('/') + 1);
  if (file.starts_with("linux-vdso"))
    return 0;  // the kernel's; the loader has not made addresses of its dynamic section
  const Module module = describe(*info);
  const auto is = [&](std::string_view known) { return file.starts_with(known); };
  const auto add = [&](std::vector<Span>& to) {
    to.insert(to.end(), module.variables.begin(), module.variables.end());
  };
  const bool is_subject = module.all.contains(search.subject), is_executable = file.empty();
  const Dynamic dynamic(*info);
  if (is_subject || dynamic.is_instrumented()) {
    for (std::string& name : dynamic.needed()) search.needed.push_back(std::move(name));
  } else if (!is_executable) {
    search.uninstrumented.emplace_back(file);
  }
  if (is_subject) {
    search.found.subject = without_own_state(module.variables);
  } else if (is_executable) {
    add(search.found.own);
  } else if (is("ld-")) {
    search.found.loader = module.code;
    add(search.found.own);
  } else if (is_standard(file)) {
    add(search.found.standard);
  } else {
    add(search.found.others);
  }
  return 0;
}

}  // namespace

Modules find_modules(const void* subject) {
  Search search;
  search.subject = reinterpret_cast<std::uintptr_t>(subject);
  dl_iterate_phdr(look_at, &search);
  search.found.own.push_back({reinterpret_cast<std::uintptr_t>(__start_racetrack_state),
                              reinterpret_cast<std::uintptr_t>(__stop_racetrack_state)});
  for (const std::string& file : search.uninstrumented) {
    const bool is_needed = std::find(search.needed.begin(), search.needed.end(), file) != search.needed.end();
    if (is_needed && !is_standard(file)) search.found.uninstrumented.push_back(file);
  }
  return std::move(search.found);
}

Span environment_block() noexcept {
  if (environ == nullptr || *environ == nullptr) return {0, 0};
  const auto begin = reinterpret_cast<std::uintptr_t>(environ);
  // On the stack of the main thread as the kernel made it, the texts follow the array. A text elsewhere was put there by the program.
  constexpr std::uintptr_t kLongest = std::uintptr_t{6}
                                      << 20;  // the kernel's limit on arguments and environment together
  std::uintptr_t end = begin;
  for (char** variable = environ; *variable != nullptr; ++variable) {
    const auto text = reinterpret_cast<std::uintptr_t>(*variable);
    end = std::max(end, reinterpret_cast<std::uintptr_t>(variable + 2));
    if (text > begin && text - begin < kLongest) end = std::max(end, text + std::strlen(*variable) + 1);
  }
  return {begin, end};
}

}  // namespace racetrack::explore
