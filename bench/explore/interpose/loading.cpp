// dlopen: runs on the real heap, and does not find TBB's allocator, whose pools no execution could empty; TBB then uses malloc.
#include <cstring>

#include "explore/interpose/real.hpp"
#include "explore/runtime.hpp"

using namespace racetrack::explore;

RACETRACK_INTERPOSED void* dlopen(const char* file, int mode) noexcept {
  const Inside inside;
  if (file != nullptr && std::strstr(file, "libtbbmalloc") != nullptr) return nullptr;
  return real().dlopen(file, mode);
}
