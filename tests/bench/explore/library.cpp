#include "library.hpp"

namespace {
int count = 0;
}  // namespace

void count_in_library() { ++count; }
