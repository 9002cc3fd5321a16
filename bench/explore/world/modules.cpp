#include "explore/world/modules.hpp"

#include <algorithm>
#include <array>
#include <cstdint>
#include <cstring>
#include <string>
#include <string_view>
#include <utility>

#include <dlfcn.h>
#include <link.h>
#include <unistd.h>

// The section of the explorer's state: see runtime.hpp.
extern "C" {
extern char __start_racetrack_state[] __attribute__((weak, visibility("hidden")));
extern char __stop_racetrack_state[] __attribute__((weak, visibility("hidden")));
extern char __start_racetrack_code[] __attribute__((weak, visibility("hidden")));
extern char __stop_racetrack_code[] __attribute__((weak, visibility("hidden")));
}

namespace racetrack::explore {
namespace {

struct Module {
  Span all{~std::uintptr_t{0}, 0};
  Span code{0, 0};
  std::vector<Span> variables;  ///< without the parts that only the loader writes
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

/// Removes the explorer's own state, which may be in the same executable, from the spans.
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
      switch (entry->d_tag) {  // the loader has relocated these
        case DT_STRTAB: texts_ = reinterpret_cast<const char*>(entry->d_un.d_ptr); break;
        case DT_SYMTAB: symbols_ = reinterpret_cast<const ElfW(Sym)*>(entry->d_un.d_ptr); break;
        case DT_GNU_HASH: hashes_ = reinterpret_cast<const std::uint32_t*>(entry->d_un.d_ptr); break;
        default: break;
      }
    }
  }
  /// Whether the module calls __tsan_init of another module, as instrumented code does.
  [[nodiscard]] bool is_instrumented() const {
    if (texts_ == nullptr || symbols_ == nullptr || hashes_ == nullptr) return false;
    const std::uint32_t undefined = hashes_[1];  // undefined symbols precede the hashed ones
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
  std::vector<std::string> needed;      ///< files that instrumented modules need
  std::vector<Library> uninstrumented;  ///< all libraries without instrumentation
};

bool is_standard(std::string_view file) {
  static constexpr std::array<std::string_view, 6> kStandard{"libc.",     "libstdc++.",  "libm.",
                                                             "libgcc_s.", "libpthread.", "ld-"};
  return std::any_of(kStandard.begin(), kStandard.end(),
                     [&](std::string_view known) { return file.starts_with(known); });
}

/// Whether the explorer itself needs the library: its main() filters tests by RE2, outside of executions. A test that
/// calls RE2 itself is not distinguished from that.
bool is_needed_by_explorer(std::string_view file) { return file.starts_with("libre2."); }

/// Whether the code makes the system call futex itself: `mov $SYS_futex, REGISTER` shortly before `syscall`.
bool makes_futex_calls(const Span& code) {
#ifdef __x86_64__
  constexpr std::size_t kDistance = 64;
  const std::string_view text(reinterpret_cast<const char*>(code.begin), code.size());
  constexpr std::string_view kSyscall("\x0f\x05", 2), kFutex("\xca\0\0\0", 4);
  for (std::size_t at = text.find(kSyscall); at != std::string_view::npos; at = text.find(kSyscall, at + 1)) {
    const std::size_t from = at - std::min(at, kDistance);
    const std::string_view before = text.substr(from, at - from);
    for (std::size_t number = before.find(kFutex, 1); number != std::string_view::npos;
         number = before.find(kFutex, number + 1)) {
      if ((static_cast<unsigned char>(before[number - 1]) & 0xf8U) == 0xb8U) return true;
    }
  }
#else
  static_cast<void>(code);
#endif
  return false;
}

int add_module(dl_phdr_info* info, std::size_t, void* argument) {
  auto& search = *static_cast<Search*>(argument);
  const std::string_view path(info->dlpi_name);
  const std::string_view file = path.substr(path.rfind('/') + 1);
  if (file.starts_with("linux-vdso")) return 0;  // the kernel's; the loader has not relocated its dynamic section
  const Module module = describe(*info);
  const auto is = [&](std::string_view known) { return file.starts_with(known); };
  const auto add = [&](std::vector<Span>& to) {
    to.insert(to.end(), module.variables.begin(), module.variables.end());
  };
  const bool is_subject = module.all.contains(search.subject), is_executable = file.empty();
  const Dynamic dynamic(*info);
  if (is_subject || dynamic.is_instrumented()) {
    // A library without a soname is needed by the path that the linker was given.
    for (const std::string& name : dynamic.needed()) search.needed.push_back(name.substr(name.rfind('/') + 1));
    search.found.code.push_back(module.code);
  } else if (!is_executable) {
    search.uninstrumented.push_back({module.all, module.code, std::string(file)});
    if (!is_standard(file) && makes_futex_calls(module.code)) {
      search.found.wait_without_libc.push_back(search.uninstrumented.back());
    }
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
  dl_iterate_phdr(add_module, &search);
  search.found.own.push_back({reinterpret_cast<std::uintptr_t>(__start_racetrack_state),
                              reinterpret_cast<std::uintptr_t>(__stop_racetrack_state)});
  for (Library& library : search.uninstrumented) {
    const bool is_needed = std::find(search.needed.begin(), search.needed.end(), library.file) != search.needed.end();
    if (!is_needed || is_standard(library.file) || is_needed_by_explorer(library.file)) continue;
    search.found.code.push_back(library.code);
    search.found.uninstrumented.push_back(std::move(library));
  }
  return std::move(search.found);
}

std::string uninstrumented_file(void* library) {
  link_map* module = nullptr;
  if (dlinfo(library, RTLD_DI_LINKMAP, &module) != 0) return "";
  struct Loaded {
    const link_map* module;
    bool is_instrumented = false;
  } loaded{module};
  dl_iterate_phdr(
      [](dl_phdr_info* info, std::size_t, void* argument) {
        auto& wanted = *static_cast<Loaded*>(argument);
        if (info->dlpi_addr != wanted.module->l_addr) return 0;
        wanted.is_instrumented = Dynamic(*info).is_instrumented();
        return 1;
      },
      &loaded);
  const std::string_view path(module->l_name);
  const std::string_view file = path.substr(path.rfind('/') + 1);
  return loaded.is_instrumented || is_standard(file) ? "" : std::string(file);
}

Span own_code() noexcept {
  return {reinterpret_cast<std::uintptr_t>(__start_racetrack_code),
          reinterpret_cast<std::uintptr_t>(__stop_racetrack_code)};
}

Span environment_block() noexcept {
  if (environ == nullptr || *environ == nullptr) return {0, 0};
  const auto begin = reinterpret_cast<std::uintptr_t>(environ);
  // The texts follow the array on the stack of the main thread, where the kernel put them. The program has put texts
  // that are elsewhere.
  // The kernel's limit on arguments and environment together.
  constexpr std::uintptr_t kLongest = std::uintptr_t{6} << 20;
  std::uintptr_t end = begin;
  for (char** variable = environ; *variable != nullptr; ++variable) {
    const auto text = reinterpret_cast<std::uintptr_t>(*variable);
    end = std::max(end, reinterpret_cast<std::uintptr_t>(variable + 2));
    if (text > begin && text - begin < kLongest) end = std::max(end, text + std::strlen(*variable) + 1);
  }
  return {begin, end};
}

}  // namespace racetrack::explore
