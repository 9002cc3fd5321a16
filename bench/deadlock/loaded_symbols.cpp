#include "deadlock/loaded_symbols.hpp"

#include <cstdint>

namespace racetrack::deadlock {
namespace {

constexpr ElfW(Half) kHiddenVersion = 0x8000;
constexpr ElfW(Half) kFirstNamedVersion = 2;  // lower values: local, and global without a version

bool same(const char* a, const char* b) noexcept {
  while (*a != '\0' && *a == *b) ++a, ++b;
  return *a == *b;
}

/// The dynamic section of one module.
class Tables {
 public:
  explicit Tables(const link_map& module) noexcept : base_(module.l_addr) {
    for (const ElfW(Dyn)* entry = module.l_ld; entry != nullptr && entry->d_tag != DT_NULL; ++entry) {
      switch (entry->d_tag) {
        case DT_SYMTAB: symbols_ = at<ElfW(Sym)>(*entry); break;
        case DT_STRTAB: names_ = at<char>(*entry); break;
        case DT_VERSYM: versions_ = at<ElfW(Half)>(*entry); break;
        case DT_GNU_HASH: gnu_hash_ = at<std::uint32_t>(*entry); break;
        case DT_HASH: hash_ = at<std::uint32_t>(*entry); break;
        default: break;
      }
    }
  }

  [[nodiscard]] void* find(const char* name) const noexcept {
    if (symbols_ == nullptr || names_ == nullptr) return nullptr;
    const ElfW(Sym)* found = nullptr;
    const auto visit = [&](std::uint32_t index) {
      const ElfW(Sym)& symbol = symbols_[index];
      if (!defines_function(symbol) || !same(names_ + symbol.st_name, name)) return true;
      if (versions_ == nullptr || versions_[index] < kFirstNamedVersion) {
        found = &symbol;
        return false;
      }
      if (found == nullptr && (versions_[index] & kHiddenVersion) == 0) found = &symbol;  // the default version
      return true;
    };
    if (gnu_hash_ != nullptr) {
      visit_gnu_chain(name, visit);
    } else if (hash_ != nullptr) {
      visit_chain(name, visit);
    }
    return found == nullptr ? nullptr : reinterpret_cast<void*>(base_ + found->st_value);
  }

 private:
  /// Returns the pointer in an entry. The loader has relocated most entries in place, but not where the section is
  /// read-only (the vdso).
  template <class T>
  [[nodiscard]] const T* at(const ElfW(Dyn) & entry) const noexcept {
    const ElfW(Addr) value = entry.d_un.d_ptr;
    return reinterpret_cast<const T*>(value < base_ ? base_ + value : value);
  }

  static bool defines_function(const ElfW(Sym) & symbol) noexcept {
    const unsigned type = symbol.st_info & 0xfU, binding = symbol.st_info >> 4U;
    return symbol.st_shndx != SHN_UNDEF && symbol.st_value != 0 && (type == STT_FUNC || type == STT_NOTYPE) &&
           (binding == STB_GLOBAL || binding == STB_WEAK);
  }

  /// Calls visit(index) for each symbol in the chain of `name` until it returns false.
  template <class Visit>
  void visit_gnu_chain(const char* name, Visit visit) const noexcept {
    std::uint32_t hash = 5381;
    for (const auto* c = reinterpret_cast<const unsigned char*>(name); *c != 0; ++c) hash = hash * 33 + *c;
    const std::uint32_t buckets = gnu_hash_[0], first_symbol = gnu_hash_[1], words = gnu_hash_[2], shift = gnu_hash_[3];
    if (buckets == 0 || words == 0) return;
    constexpr unsigned kBits = sizeof(ElfW(Addr)) * 8;
    const auto* const filter = reinterpret_cast<const ElfW(Addr)*>(gnu_hash_ + 4);
    const ElfW(Addr) word = filter[hash / kBits % words];
    if ((word >> hash % kBits & word >> (hash >> shift) % kBits & 1U) == 0) return;
    const auto* const bucket = reinterpret_cast<const std::uint32_t*>(filter + words);
    const std::uint32_t* const chain = bucket + buckets;
    std::uint32_t index = bucket[hash % buckets];
    if (index < first_symbol) return;
    for (;; ++index) {
      const std::uint32_t entry = chain[index - first_symbol];
      if ((entry | 1U) == (hash | 1U) && !visit(index)) return;
      if ((entry & 1U) != 0) return;
    }
  }

  template <class Visit>
  void visit_chain(const char* name, Visit visit) const noexcept {
    std::uint32_t hash = 0;
    for (const auto* c = reinterpret_cast<const unsigned char*>(name); *c != 0; ++c) {
      hash = (hash << 4U) + *c;
      hash = (hash ^ (hash >> 24U & 0xf0U)) & 0x0fffffffU;
    }
    const std::uint32_t buckets = hash_[0];
    if (buckets == 0) return;
    const std::uint32_t* const bucket = hash_ + 2;
    const std::uint32_t* const chain = bucket + buckets;
    for (std::uint32_t index = bucket[hash % buckets]; index != STN_UNDEF && visit(index);) index = chain[index];
  }

  ElfW(Addr) base_;
  const ElfW(Sym) * symbols_ = nullptr;
  const char* names_ = nullptr;
  const ElfW(Half) * versions_ = nullptr;
  const std::uint32_t* gnu_hash_ = nullptr;
  const std::uint32_t* hash_ = nullptr;
};

}  // namespace

const link_map* modules_after(const ElfW(Dyn) * dynamic) noexcept {
  for (const link_map* module = _r_debug.r_map; module != nullptr; module = module->l_next) {
    if (module->l_ld == dynamic) return module->l_next;
  }
  return _r_debug.r_map;
}

void* find_function(const link_map& module, const char* name) noexcept { return Tables(module).find(name); }

void* find_function_from(const link_map* module, const char* name) noexcept {
  for (; module != nullptr; module = module->l_next) {
    if (void* const function = find_function(*module, name)) return function;
  }
  return nullptr;
}

}  // namespace racetrack::deadlock
