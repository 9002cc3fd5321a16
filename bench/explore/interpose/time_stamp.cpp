#include "explore/interpose/time_stamp.hpp"

#include <algorithm>
#include <cstddef>
#include <cstdint>

#include <sys/prctl.h>
#include <sys/syscall.h>
#include <ucontext.h>

#include "explore/interpose/real.hpp"
#include "explore/runtime.hpp"
#include "explore/world/modules.hpp"

namespace racetrack::explore {

#ifdef __x86_64__

namespace {

[[gnu::section("racetrack_state")]] int traps = 0;              ///< existing TrappedTimeStamps objects
[[gnu::section("racetrack_state")]] std::uint64_t answers = 0;  ///< to instructions that trapped
enum class Trapping : std::uint8_t { unknown, yes, no };
[[gnu::section("racetrack_state")]] Trapping trapping = Trapping::unknown;

[[gnu::noinline]] RACETRACK_OWN_CODE void read_time_stamp() noexcept { __builtin_ia32_rdtsc(); }

/// Length in bytes of the rdtsc or rdtscp at `code`; 0 for another instruction.
unsigned length_of_time_stamp(const unsigned char* code) noexcept {
  if (code[0] != 0x0f) return 0;
  if (code[1] == 0x31) return 2;
  return code[1] == 0x01 && code[2] == 0xf9 ? 3 : 0;
}

/// Whether the bytes 0f 31 before `next` are a part of other instructions: a constant that ends with 0f, before an xor
/// of a register with itself (31 c0), or a distance to other code, whose highest bytes are 00 or ff.
bool looks_like_rdtsc_only(const unsigned char* next) noexcept {
  const bool clears_a_register = next[0] >= 0xc0 && (next[0] - 0xc0) % 9 == 0;
  return clears_a_register || next[0] == 0 || next[1] == 0 || next[1] == 0xff;
}

bool reads_time_stamps_in(const Span& code, const Span& own) noexcept {
  const auto* const bytes = reinterpret_cast<const unsigned char*>(code.begin);
  for (std::size_t i = 0; i + 4 <= code.size(); ++i) {
    const unsigned length = length_of_time_stamp(bytes + i);
    if (length == 0 || own.contains(code.begin + i)) continue;
    if (length == 3 || !looks_like_rdtsc_only(bytes + i + 2)) return true;
  }
  return false;
}

}  // namespace

TrappedTimeStamps::TrappedTimeStamps() noexcept {
  if (traps++ != 0) return;
  prctl(PR_SET_TSC, PR_TSC_SIGSEGV);
  if (trapping != Trapping::unknown) return;
  const std::uint64_t before = answers;
  read_time_stamp();
  trapping = answers == before ? Trapping::no : Trapping::yes;
}
TrappedTimeStamps::~TrappedTimeStamps() {
  if (--traps == 0) prctl(PR_SET_TSC, PR_TSC_ENABLE);
}

bool time_stamps_trap() noexcept { return trapping != Trapping::no; }

bool reads_time_stamps(const std::vector<Span>& code) {
  const Span own = own_code();
  return std::any_of(code.begin(), code.end(), [&](const Span& each) { return reads_time_stamps_in(each, own); });
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
  ++answers;
  std::uint64_t ticks = runtime.scheduler.now();
  if (runtime.watching) {
    const ExplorerScope explorer_scope;
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
bool time_stamps_trap() noexcept { return true; }
bool reads_time_stamps(const std::vector<Span>&) { return false; }
bool answer_time_stamp(void*) noexcept { return false; }

#endif

}  // namespace racetrack::explore
