#include "explore/world/fiber.hpp"

#include <algorithm>
#include <cstdio>
#include <cstring>

#include <asm/prctl.h>
#include <linux/futex.h>
#include <sys/auxv.h>
#include <sys/mman.h>
#include <sys/syscall.h>
#include <unistd.h>

#include "explore/interpose/real.hpp"
#include "explore/world/layout.hpp"

extern "C" {
void racetrack_switch_stack(void** from, void* to, std::uintptr_t storage) noexcept;
void racetrack_begin_stack() noexcept;
}

// Saves the registers that a callee must preserve and exchanges stacks. A new fiber's stack begins with a return to
// racetrack_begin_stack, with its entry in rbx. That frame is marked as the outermost, so that unwinding ends there.
asm(R"(
.pushsection .text
.globl racetrack_switch_stack
.hidden racetrack_switch_stack
.type racetrack_switch_stack, @function
racetrack_switch_stack:
  pushq %rbp
  pushq %rbx
  pushq %r12
  pushq %r13
  pushq %r14
  pushq %r15
  movq %rsp, (%rdi)
  movq %rsi, %rsp
  testq %rdx, %rdx
  je 1f
  wrfsbase %rdx
1:
  popq %r15
  popq %r14
  popq %r13
  popq %r12
  popq %rbx
  popq %rbp
  ret
.size racetrack_switch_stack, . - racetrack_switch_stack
.globl racetrack_begin_stack
.hidden racetrack_begin_stack
.type racetrack_begin_stack, @function
racetrack_begin_stack:
  .cfi_startproc
  .cfi_undefined rip
  xorl %ebp, %ebp
  callq *%rbx
  hlt
  .cfi_endproc
.size racetrack_begin_stack, . - racetrack_begin_stack
.popsection
)");

namespace racetrack::explore {
namespace {

constexpr std::size_t kPage = 4096;
constexpr std::size_t kParkingSpace = 32 << 10;  ///< top of the stack, for the system thread that sleeps there
constexpr std::size_t kFilled = 16 << 10;        ///< bytes of the stack, from its top, that hold a pattern
/// The explorer runs on the stacks of the subject's threads as well.
constexpr std::size_t kSmallestStack = 128 << 10;
/// Limit of the bytes above a fiber's stack: parking space and thread-local storage.
constexpr std::size_t kRoomAbove = 2 << 20;
/// Consecutive zero pages below which a stack counts as unused.
constexpr unsigned kUnusedPages = 1;

bool can_write_fs() noexcept { return (getauxval(AT_HWCAP2) & 2U) != 0; }  // HWCAP2_FSGSBASE

std::uintptr_t storage_of_this_thread() noexcept {
  std::uintptr_t base = 0;
  raw_syscall(SYS_arch_prctl, ARCH_GET_FS, reinterpret_cast<long>(&base));
  return base;
}

struct Parked {
  std::uintptr_t storage = 0;
  std::vector<StorageBlock> blocks;
  int ready = 0;
};

void* park(void* argument) {
  auto& parked = *static_cast<Parked*>(argument);
  parked.storage = storage_of_this_thread();
  parked.blocks = storage_blocks_of_this_thread();
  __atomic_store_n(&parked.ready, 1, __ATOMIC_RELEASE);
  raw_syscall(SYS_futex, reinterpret_cast<long>(&parked.ready), FUTEX_WAKE_PRIVATE, 1);
  int never = 0;
  for (;;) raw_syscall(SYS_futex, reinterpret_cast<long>(&never), FUTEX_WAIT_PRIVATE, 0);
}

void set_rights(std::uintptr_t begin, std::uintptr_t end, int rights) noexcept {
  raw_syscall(SYS_mprotect, static_cast<long>(begin), static_cast<long>(end - begin), rights);
}

bool is_zero(const char* page) noexcept { return *page == 0 && std::memcmp(page, page + 1, kPage - 1) == 0; }

/// Clears the stack, so that an uninitialised variable has the same value in every execution.
void clear_stack(const Fiber& fiber, unsigned char fill) noexcept {
  std::uintptr_t at = (fiber.stack_top & ~(kPage - 1)) - kFilled;
  std::memset(reinterpret_cast<char*>(at), fill, fiber.stack_top - at);
  for (unsigned unused = 0; at > fiber.stack_bottom && (unused < kUnusedPages || at > fiber.lowest);) {
    at -= kPage;
    auto* const page = reinterpret_cast<char*>(at);
    if (is_zero(page)) {
      ++unused;
    } else {
      std::memset(page, 0, kPage);
      unused = 0;
    }
  }
}

}  // namespace

void make_fiber(Fiber& fiber, std::uintptr_t base, std::size_t size) {
  Parked parked;
  pthread_attr_t attributes;
  pthread_attr_init(&attributes);
  pthread_attr_setstack(&attributes, reinterpret_cast<void*>(base + kPage), size - kPage);
  const int error = real().pthread_create(&fiber.handle, &attributes, park, &parked);
  pthread_attr_destroy(&attributes);
  if (error != 0) {
    std::fprintf(stderr, "racetrack: explorer: cannot make a thread: %s\n", std::strerror(error));
    _exit(70);
  }
  while (__atomic_load_n(&parked.ready, __ATOMIC_ACQUIRE) == 0) {
    raw_syscall(SYS_futex, reinterpret_cast<long>(&parked.ready), FUTEX_WAIT_PRIVATE, 0);
  }
  fiber.storage = parked.storage;
  // The thread's control block and its static storage are at the top of the stack. The frames of the parked thread are
  // right below them.
  fiber.stack_top = (parked.storage & ~std::uintptr_t{kPage - 1}) - static_storage_size() - kParkingSpace;
  fiber.lowest = fiber.stack_top;
  set_rights(base, base + size - kLargestStack - kRoomAbove, PROT_NONE);
  fiber.stack_bottom = base + size - kLargestStack - kRoomAbove;
  set_stack_size(fiber, kUsualStack);
  Span control{parked.storage, base + size};
  for (const StorageBlock& block : parked.blocks) {
    const auto address = reinterpret_cast<std::uintptr_t>(block.address);
    if (address > fiber.stack_top && address < parked.storage) {
      control.begin = std::min(control.begin, address);
    } else {
      fiber.blocks.push_back(block);
    }
  }
  fiber.control.add(control);
  fiber.control.take();
}

void set_stack_size(Fiber& fiber, std::size_t size) noexcept {
  const std::size_t rounded = (std::max(size, kSmallestStack) + kPage - 1) & ~(kPage - 1);
  const std::uintptr_t bottom = (fiber.stack_top & ~(kPage - 1)) - rounded;
  if (bottom > fiber.stack_bottom) set_rights(fiber.stack_bottom, bottom, PROT_NONE);
  if (bottom < fiber.stack_bottom) set_rights(bottom, fiber.stack_bottom, PROT_READ | PROT_WRITE);
  fiber.stack_bottom = bottom;
}

void restart_fiber(Fiber& fiber, void (*entry)(), unsigned char fill) {
  fiber.control.restore();
  for (const StorageBlock& block : fiber.blocks) reset(block);
  clear_stack(fiber, fill);
  fiber.lowest = fiber.stack_top;
  auto* top = reinterpret_cast<std::uintptr_t*>(fiber.stack_top & ~std::uintptr_t{15});
  top -= 2;  // so that the stack is aligned at the call
  *--top = reinterpret_cast<std::uintptr_t>(&racetrack_begin_stack);
  *--top = 0;                                        // rbp
  *--top = reinterpret_cast<std::uintptr_t>(entry);  // rbx
  for (int i = 0; i < 4; ++i) *--top = 0;            // r12 .. r15
  fiber.stack_pointer = top;
}

void adopt_this_thread(Fiber& fiber) {
  fiber.storage = storage_of_this_thread();
  fiber.handle = pthread_self();
}

void switch_fiber(Fiber& from, const Fiber& to) noexcept {
  from.lowest = std::min(from.lowest, reinterpret_cast<std::uintptr_t>(__builtin_frame_address(0)));
  static const bool direct = can_write_fs();
  if (!direct) raw_syscall(SYS_arch_prctl, ARCH_SET_FS, static_cast<long>(to.storage));
  racetrack_switch_stack(&from.stack_pointer, to.stack_pointer, direct ? to.storage : 0);
}

}  // namespace racetrack::explore
