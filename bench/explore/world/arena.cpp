#include "explore/world/arena.hpp"

#include <algorithm>
#include <bit>
#include <cstring>

namespace racetrack::explore {
namespace {

constexpr std::size_t kUnit = 16;
/// Blocks of executions begin at a multiple of this size, so that their addresses do not depend on the harness's
/// allocations.
constexpr std::size_t kBaseRoom = std::size_t{256} << 20;
constexpr std::size_t kMappedAtOnce = std::size_t{64} << 20;
constexpr std::size_t kLargestAlignment = std::size_t{512} << 10;

}  // namespace

void Arena::map_up_to(std::size_t bytes) {
  // The states are mapped above all addresses of the heap and of the stacks.
  if (states_ == nullptr) states_ = static_cast<std::uint8_t*>(map_memory(base_ + 2 * addresses_, addresses_ / kUnit));
  const std::size_t wanted = std::min((bytes + kMappedAtOnce - 1) / kMappedAtOnce * kMappedAtOnce, addresses_);
  map_memory(base_ + mapped_, wanted - mapped_);
  mapped_ = wanted;
}

void Arena::set_base(std::size_t limit) {
  if (used_ == 0) map_up_to(kUnit);
  base_states_.assign(states_, states_ + used_ / kUnit);
  begin_ = (used_ + kBaseRoom - 1) / kBaseRoom * kBaseRoom;
  limit_ = std::min(begin_ + limit, addresses_);
}

void Arena::begin_execution(bool reuse) noexcept {
  if (base_changed_) std::memcpy(states_, base_states_.data(), base_states_.size());
  if (used_ > begin_) std::memset(states_ + begin_ / kUnit, 0, (used_ - begin_) / kUnit);
  used_ = begin_;
  reuse_ = reuse;
  free_ = {};
  base_changed_ = false;
}

void* Arena::allocate(std::size_t size, std::size_t alignment) noexcept {
  if (size > limit_ || alignment > kLargestAlignment) return nullptr;
  const std::size_t slack = alignment > kUnit ? alignment : 0;
  const std::size_t wanted = std::max(size + sizeof(Header) + slack, 2 * kUnit);
  const auto size_class = static_cast<unsigned>(std::bit_width((wanted - 1) / kUnit));
  std::uintptr_t chunk = slack == 0 ? free_[size_class] : 0;
  latest_was_freed_ = chunk != 0;
  if (chunk != 0) {
    std::memcpy(&free_[size_class], reinterpret_cast<const void*>(chunk), sizeof chunk);
  } else {
    // A block that is never reused need not have the size of its class.
    const std::size_t room = reuse_ ? kUnit << size_class : (wanted + kUnit - 1) & ~(kUnit - 1);
    if (used_ + room > limit_) return nullptr;
    if (used_ + room > mapped_) map_up_to(used_ + room);
    chunk = base_ + used_;
    used_ += room;
  }
  const std::uintptr_t block = (chunk + sizeof(Header) + alignment - 1) & ~(std::max(alignment, kUnit) - 1);
  *header(reinterpret_cast<void*>(block)) = {size, kMagic, static_cast<std::uint16_t>(size_class),
                                             static_cast<std::uint16_t>((block - chunk) / kUnit)};
  mark(block, size, State::live);
  return reinterpret_cast<void*>(block);
}

void Arena::release(void* block) noexcept {
  const Header& its = *header(block);
  const auto address = reinterpret_cast<std::uintptr_t>(block);
  mark(address, its.size, State::freed);
  // Blocks of unusual alignment are rare. They are not reused.
  if (!recycles(block)) return;
  const std::uintptr_t chunk = address - kUnit;
  const unsigned size_class = its.size_class;
  std::memcpy(reinterpret_cast<void*>(chunk), &free_[size_class], sizeof chunk);
  free_[size_class] = chunk;
}

Arena::Block Arena::block(const void* pointer) const noexcept {
  const auto address = reinterpret_cast<std::uintptr_t>(pointer);
  if (address % kUnit != 0 || address < base_ + sizeof(Header) || address >= base_ + used_) return Block::none;
  // The first bytes of a freed block may hold a link, so the states are checked first.
  if (state(address) == State::freed) return Block::freed;
  return state(address) == State::live && header(pointer)->magic == kMagic ? Block::live : Block::none;
}

void Arena::mark(std::uintptr_t address, std::size_t size, State state) noexcept {
  const std::size_t units = std::max<std::size_t>(1, (size + kUnit - 1) / kUnit);
  base_changed_ |= address - base_ < base_size();
  std::memset(states_ + (address - base_) / kUnit, static_cast<int>(state), units);
}

}  // namespace racetrack::explore
