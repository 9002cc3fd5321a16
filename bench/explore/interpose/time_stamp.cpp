#include "explore/interpose/time_stamp.hpp"

#include <cstdint>

#include <sys/prctl.h>
#include <sys/syscall.h>
#include <ucontext.h>

#include "explore/interpose/real.hpp"
#include "explore/runtime.hpp"

namespace racetrack::explore {

#ifdef __x86_64__

namespace {

[[gnu::section("racetrack_state")]] int traps = 0;  ///< objects that want them

/// Bytes of the rdtsc or rdtscp at `code`; 0 when there is another instruction.
unsigned length_of_time_stamp(const unsigned char* code) noexcept {
  if (code[0] != 0x0f) return 0;
  if (code[1] == 0x31) return 2;
  return code[1] == 0x01 && code[2] == 0xf9 ? 3 : 0;
}

}  // namespace

TrappedTimeStamps::TrappedTimeStamps() noexcept {
  if (traps++ == 0) prctl(PR_SET_TSC, PR_TSC_SIGSEGV);
}
TrappedTimeStamps::~TrappedTimeStamps() {
  if (--traps == 0) prctl(PR_SET_TSC, PR_TSC_ENABLE);
}

ReadableTimeStamps::ReadableTimeStamps() noexcept {
  if (traps != 0) prctl(PR_SET_TSC, PR_TSC_ENABLE);
}
ReadableTimeStamps::~ReadableTimeStamps() {
  if (traps != 0) prctl(PR_SET_TSC, PR_TSC_SIGSEGV);
}

bool answer_time_stamp(void* context) noexcept {
  if (traps == 0) return false;
  greg_t* const registers = static_cast<ucontext_t*>(context)->uc_mcontext.gregs;
  const unsigned length = length_of_time_stamp(reinterpret_cast<const unsigned char*>(registers[REG_RIP]));
  if (length == 0) return false;
  std::uint64_t ticks = runtime.scheduler.now();
  if (runtime.watching) {
    const Inside inside;
    ticks = runtime.scheduler.read_clock();
  }
  registers[REG_RAX] = static_cast<greg_t>(ticks & 0xffffffffU);
  registers[REG_RDX] = static_cast<greg_t>(ticks >> 32U);
  if (length == 3) registers[REG_RCX] = 0;  // the number of the processor
  registers[REG_RIP] += length;
  return true;
}

#else

TrappedTimeStamps::TrappedTimeStamps() noexcept = default;
TrappedTimeStamps::~TrappedTimeStamps() = default;
ReadableTimeStamps::ReadableTimeStamps() noexcept = default;
ReadableTimeStamps::~ReadableTimeStamps() = default;
bool answer_time_stamp(void*) noexcept { return false; }

#endif

}  // namespace racetrack::explore
