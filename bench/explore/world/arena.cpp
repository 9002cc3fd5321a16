#include "explore/world/arena.hpp"

#include <algorithm>
#include <bit>
#include <cstring>

namespace racetrack::explore {
namespace {

constexpr std::size_t kUnit = 16;

}  // namespace

void Arena::prepare() {
  map_memory(kWorldBase, kWorldSize);
  states_ = static_cast<std::uint8_t*>(map_memory(0, kArenaSize / kUnit));
}

void Arena::begin_execution(bool reuse) noexcept {
  std::memset(states_, 0, (used_ + kUnit - 1) / kUnit);
  free_.fill(0);
  used_ = 0;
  reuse_ = reuse;
}

void* Arena::allocate(std::size_t size, std::size_t alignment) noexcept {
  if (size > kArenaSize / 2 || alignment > kArenaSize / 4) return nullptr;
  const std::size_t slack = alignment > kUnit ? alignment : 0;
  const std::size_t wanted = std::max(size + sizeof(Header) + slack, 2 * kUnit);
  const auto size_class = static_cast<unsigned>(std::bit_width((wanted - 1) / kUnit));
  std::uintptr_t chunk = slack == 0 ? free_[size_class] : 0;
  latest_was_freed_ = chunk != 0;
  if (chunk != 0) {
    std::memcpy(&free_[size_class], reinterpret_cast<const void*>(chunk), sizeof chunk);
  } else {
    // What is never handed out again need not fit a class.
    const std::size_t room = reuse_ ? kUnit << size_class : (wanted + kUnit - 1) & ~(kUnit - 1);
    if (used_ + room > kArenaSize) return nullptr;
    chunk = kWorldBase + used_;
    used_ += room;
  }
  const std::uintptr_t block = (chunk + sizeof(Header) + alignment - 1) & ~(std::max(alignment, kUnit) - 1);
  *header(reinterpret_cast<void*>(block)) = {kMagic, static_cast<std::uint32_t>(size),
                                             static_cast<std::uint16_t>(size_class),
                                             static_cast<std::uint16_t>((block - chunk) / kUnit)};
  mark(block, size, State::live);
  return reinterpret_cast<void*>(block);
}

void Arena::release(void* block) noexcept {
  const Header& its = *header(block);
  const auto address = reinterpret_cast<std::uintptr_t>(block);
  mark(address, its.size, State::freed);
  // Blocks of unusual alignment are rare: they are not used again.
  if (!recycles(block)) return;
  const std::uintptr_t chunk = address - kUnit;
  const unsigned size_class = its.size_class;
  std::memcpy(reinterpret_cast<void*>(chunk), &free_[size_class], sizeof chunk);
  free_[size_class] = chunk;
}

Arena::Block Arena::block(const void* pointer) const noexcept {
  const auto address = reinterpret_cast<std::uintptr_t>(pointer);
  if (address % kUnit != 0 || address < kWorldBase + sizeof(Header) || address >= kWorldBase + used_)
    return Block::none;
  // A freed block's first words may hold a link now: what it was is told by the map.
  if (state(address) == State::freed) return Block::freed;
  return state(address) == State::live && header(pointer)->magic == kMagic ? Block::live : Block::none;
}

void Arena::mark(std::uintptr_t address, std::size_t size, State state) noexcept {
  const std::size_t units = std::max<std::size_t>(1, (size + kUnit - 1) / kUnit);
  std::memset(states_ + (address - kWorldBase) / kUnit, static_cast<int>(state), units);
}

}  // namespace racetrack::explore
