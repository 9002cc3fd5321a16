#include "explore/world/thread_storage.hpp"

#include <link.h>

extern "C" void* __tls_get_addr(void*);

namespace racetrack::explore {
namespace {

struct Index {  // in the loader's format
  unsigned long module, offset;
};

const ElfW(Phdr) * storage_segment(const dl_phdr_info& module) {
  for (int i = 0; i < module.dlpi_phnum; ++i) {
    if (module.dlpi_phdr[i].p_type == PT_TLS) return &module.dlpi_phdr[i];
  }
  return nullptr;
}

template <class Visit>
void for_each_block(Visit visit) {
  dl_iterate_phdr(
      [](dl_phdr_info* module, std::size_t, void* visitor) {
        const auto* const segment = storage_segment(*module);
        if (segment == nullptr || module->dlpi_tls_modid == 0) return 0;
        Index index{module->dlpi_tls_modid, 0};
        (*static_cast<Visit*>(visitor))(*module, *segment, __tls_get_addr(&index));
        return 0;
      },
      &visit);
}

}  // namespace

std::vector<StorageBlock> storage_blocks_of_this_thread() {
  std::vector<StorageBlock> blocks;
  for_each_block([&](const dl_phdr_info& module, const ElfW(Phdr) & segment, void* address) {
    blocks.push_back({address, reinterpret_cast<const void*>(module.dlpi_addr + segment.p_vaddr), segment.p_filesz,
                      segment.p_memsz});
  });
  return blocks;
}

std::size_t static_storage_size() {
  std::size_t size = 0;
  dl_iterate_phdr(
      [](dl_phdr_info* module, std::size_t, void* sum) {
        if (const auto* const segment = storage_segment(*module)) {
          *static_cast<std::size_t*>(sum) += segment->p_memsz + segment->p_align;
        }
        return 0;
      },
      &size);
  return size;
}

}  // namespace racetrack::explore
