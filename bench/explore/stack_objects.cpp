#include "explore/stack_objects.hpp"

#include <algorithm>
#include <cstring>

#include "explore/runtime.hpp"

namespace racetrack::explore {
namespace {

/// Objects in frames larger than this are not forgotten.
constexpr std::uintptr_t kLargestFrame = std::uintptr_t{64} << 10U;

unsigned owner_of(std::uintptr_t address) noexcept {
  return static_cast<unsigned>((address - kStacksBase) / kStackSlot);
}

bool on_stack_of(const Thread& thread, std::uintptr_t address) noexcept {
  return on_a_stack(address) && owner_of(address) == thread.id;
}

/// The lowest address above the innermost function's frame; 0 when it is not certain. The frame ends with the
/// function's return address, which is known since its entry.
std::uintptr_t end_of_frame(const Thread& thread, std::uintptr_t exit_frame) noexcept {
  const std::uintptr_t above =
      thread.depth >= 2 ? thread.frames[thread.depth - 2] + sizeof(void*) : thread.fiber.stack_top - sizeof(void*);
  if (!on_stack_of(thread, exit_frame) || !on_stack_of(thread, above) || above - exit_frame > kLargestFrame) return 0;
  for (std::uintptr_t at = exit_frame + sizeof(void*); at <= above; at += sizeof(void*)) {
    if (*reinterpret_cast<const std::uintptr_t*>(at) == thread.calls[thread.depth - 1]) return at + sizeof(void*);
  }
  return 0;
}

}  // namespace

bool on_a_left_frame(std::uintptr_t address) noexcept {
  if (!on_a_stack(address)) return false;
  const Thread& owner = runtime.threads[owner_of(address)];
  if (address >= owner.fiber.stack_top) return false;  // thread-local storage
  if (owner.life == Life::ended) return true;
  return owner.life == Life::running && on_stack_of(owner, owner.frame) && address < owner.frame;
}

void add_stack_object(std::uintptr_t address, std::uint32_t index) {
  Thread& owner = runtime.threads[owner_of(address)];
  owner.stack_objects.push_back({address, index});
  owner.lowest_object = std::min(owner.lowest_object, address);
}

void forget_left_frame(Thread& thread, std::uintptr_t exit_frame) noexcept {
  const std::uintptr_t end = end_of_frame(thread, exit_frame);
  if (end <= thread.lowest_object) return;
  thread.lowest_object = Thread::kNoAddress;
  std::erase_if(thread.stack_objects, [&](const StackObject& entry) {
    SyncObject* const object = entry.index == kNoObject ? nullptr : &runtime.objects[entry.index];
    if (entry.address >= end || (object != nullptr && object->waiters != 0)) {
      thread.lowest_object = std::min(thread.lowest_object, entry.address);
      return false;
    }
    if (object != nullptr) {
      object->begin(0);
      runtime.shadow.cell(entry.address).object = 0;  // all objects in these 8 bytes belong to the frame
      runtime.free_objects.push_back(entry.index);
    } else {
      runtime.shadow.cell(entry.address).atomics = 0;
      if (entry.address + 8 < end) runtime.shadow.cell(entry.address + 8).atomics = 0;  // its second half
    }
    return true;
  });
}

}  // namespace racetrack::explore
