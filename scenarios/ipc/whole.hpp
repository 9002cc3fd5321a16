// Moves whole items through calls that may move less than requested.
#pragma once

#include <cerrno>
#include <cstddef>
#include <type_traits>

#include <sys/types.h>

/// move(address, bytes) behaves like read and write. Returns false when the other side has gone (end of file, EPIPE).
template <class Item, class Move>
bool move_whole(Item& item, Move&& move) {
  static_assert(std::is_trivially_copyable_v<Item>);
  using Byte = std::conditional_t<std::is_const_v<Item>, const char, char>;
  auto* const bytes = reinterpret_cast<Byte*>(&item);
  for (std::size_t moved = 0; moved < sizeof item;) {
    const ssize_t got = move(bytes + moved, sizeof item - moved);
    if (got < 0 && errno == EINTR) continue;
    if (got <= 0) return false;
    moved += static_cast<std::size_t>(got);
  }
  return true;
}
