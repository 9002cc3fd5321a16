#include "deadlock/arena.hpp"

namespace racetrack::deadlock {
namespace {

constexpr std::size_t kPiece = std::size_t{1} << 20;

RawLock arena_lock;
char* free_begin = nullptr;
char* free_end = nullptr;

}  // namespace

void* arena_allocate(std::size_t bytes) noexcept {
  bytes = (bytes + 15) / 16 * 16;
  const RawGuard guard(arena_lock);
  if (static_cast<std::size_t>(free_end - free_begin) < bytes) {
    const std::size_t piece = bytes > kPiece / 4 ? (bytes + 4095) / 4096 * 4096 : kPiece;
    char* pages = static_cast<char*>(raw_pages(piece));
    if (pages == nullptr) {
      static constexpr char kLine[] = "racetrack deadlock: no memory left for the detector\n";
      raw_syscall(SYS_write, 2, as_long(kLine), sizeof kLine - 1);
      raw_syscall(SYS_exit_group, 70);
    }
    if (piece != kPiece) return pages;
    free_begin = pages;
    free_end = pages + piece;
  }
  char* result = free_begin;
  free_begin += bytes;
  return result;
}

void arena_reset_lock() noexcept {
  // Another thread may have been changing them during the fork.
  if (arena_lock.is_locked()) free_begin = free_end = nullptr;
  arena_lock.reset();
}

std::uint32_t* HashMap::find(std::uint64_t key) noexcept {
  if (slots_.empty()) return nullptr;
  const std::size_t mask = slots_.size() - 1;
  for (std::size_t i = mix(key) & mask;; i = (i + 1) & mask) {
    if (slots_[i].key == key) return &slots_[i].value;
    if (slots_[i].key == 0) return nullptr;
  }
}

void HashMap::set(std::uint64_t key, std::uint32_t value) noexcept {
  if (std::uint32_t* there = find(key)) {
    *there = value;
    return;
  }
  if ((used_ + 1) * 4 > slots_.size() * 3) rehash();
  const std::size_t mask = slots_.size() - 1;
  std::size_t i = mix(key) & mask;
  while (slots_[i].key != 0 && slots_[i].key != ~std::uint64_t{0}) i = (i + 1) & mask;
  if (slots_[i].key == 0) ++used_;
  slots_[i] = {key, value};
  ++live_;
}

void HashMap::erase(std::uint64_t key) noexcept {
  if (slots_.empty()) return;
  const std::size_t mask = slots_.size() - 1;
  for (std::size_t i = mix(key) & mask; slots_[i].key != 0; i = (i + 1) & mask) {
    if (slots_[i].key != key) continue;
    slots_[i].key = ~std::uint64_t{0};
    --live_;
    return;
  }
}

void HashMap::rehash() noexcept {
  const Array<Slot> old = slots_;
  std::size_t size = 64;
  while (size < (live_ + 1) * 2) size *= 2;
  slots_ = spare_;
  slots_.clear();
  slots_.resize(size);
  spare_ = old;
  used_ = live_ = 0;
  for (const Slot& slot : old) {
    if (slot.key != 0 && slot.key != ~std::uint64_t{0}) set(slot.key, slot.value);
  }
}

}  // namespace racetrack::deadlock
