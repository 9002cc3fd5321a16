// dlopen: uses the explorer's own heap, and fails for TBB's allocator, whose pools cannot be restored between
// executions. TBB then uses malloc. Names uninstrumented libraries.
#include <cstring>
#include <string>

#include "explore/interpose/real.hpp"
#include "explore/runtime.hpp"
#include "explore/world/modules.hpp"

using namespace racetrack::explore;

RACETRACK_INTERPOSED void* dlopen(const char* file, int mode) noexcept {
  const bool by_subject = runtime.watching;
  const ExplorerScope explorer_scope;
  if (file != nullptr && std::strstr(file, "libtbbmalloc") != nullptr) return nullptr;
  void* const library = real().dlopen(file, mode);
  if (!by_subject || file == nullptr || library == nullptr) return library;
  if (const std::string loaded = uninstrumented_file(library); !loaded.empty()) {
    add_note("not seen: what happens inside " + loaded + ", which is not instrumented and which dlopen loads");
  }
  return library;
}
