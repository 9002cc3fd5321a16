#include "explore/world/code_samples.hpp"

#include <algorithm>
#include <array>
#include <csignal>
#include <ctime>

#include <sys/syscall.h>
#include <ucontext.h>

#include "explore/interpose/real.hpp"
#include "explore/runtime.hpp"

namespace racetrack::explore {
namespace {

constexpr long kEveryNs = 1'000'000;  ///< the kernel rounds it up to its tick, as a rule 4 ms

struct Counted {
  Span code{0, 0};
  std::uint64_t samples = 0;
};
/// Written by the handler, which runs on the thread that reads it.
struct Counts {
  std::array<Counted, CodeSamples::kMost> libraries{};
  std::size_t used = 0;
  std::uint64_t all = 0;
};
[[gnu::section("racetrack_state")]] constinit Counts counts{};

void on_sample(int, siginfo_t*, void* context) {
#ifdef __x86_64__
  if (runtime.current == nullptr || !runtime.watching) return;
  const auto at = static_cast<std::uintptr_t>(static_cast<const ucontext_t*>(context)->uc_mcontext.gregs[REG_RIP]);
  if (own_code().contains(at)) return;
  ++counts.all;
  for (std::size_t i = 0; i < counts.used; ++i) {
    if (counts.libraries[i].code.contains(at)) ++counts.libraries[i].samples;
  }
#else
  static_cast<void>(context);
#endif
}

/// False when the program has a handler for SIGPROF already. The handler is never removed: a late signal would end the
/// process.
bool handle_samples() noexcept {
  struct sigaction before {};
  if (sigaction(SIGPROF, nullptr, &before) != 0) return false;
  if ((before.sa_flags & SA_SIGINFO) != 0 && before.sa_sigaction == on_sample) return true;
  if ((before.sa_flags & SA_SIGINFO) != 0 || before.sa_handler != SIG_DFL) return false;
  struct sigaction action {};
  action.sa_sigaction = on_sample;
  action.sa_flags = SA_SIGINFO | SA_ONSTACK | SA_RESTART;
  sigfillset(&action.sa_mask);  // another handler may leave the execution, and this one would never return
  return sigaction(SIGPROF, &action, nullptr) == 0;
}

}  // namespace

CodeSamples::CodeSamples(const std::vector<Library>& libraries) noexcept {
  counts = {};
  counts.used = std::min(libraries.size(), kMost);
  for (std::size_t i = 0; i < counts.used; ++i) counts.libraries[i].code = libraries[i].code;
  if (!handle_samples()) return;
  sigevent event{};
  event.sigev_notify = SIGEV_THREAD_ID;
  event.sigev_signo = SIGPROF;
  event._sigev_un._tid = static_cast<pid_t>(raw_syscall(SYS_gettid));
  // Not by timer_create(), which an execution may not call.
  if (raw_syscall(SYS_timer_create, CLOCK_THREAD_CPUTIME_ID, reinterpret_cast<long>(&event),
                  reinterpret_cast<long>(&timer_)) < 0) {
    return;
  }
  armed_ = true;
  const itimerspec often{{0, kEveryNs}, {0, kEveryNs}};
  raw_syscall(SYS_timer_settime, timer_, 0, reinterpret_cast<long>(&often));
}

CodeSamples::~CodeSamples() {
  if (armed_) raw_syscall(SYS_timer_delete, timer_);
}

std::uint64_t CodeSamples::all() const noexcept { return counts.all; }
std::uint64_t CodeSamples::in_library(std::size_t index) const noexcept {
  return index < counts.used ? counts.libraries[index].samples : 0;
}

}  // namespace racetrack::explore
