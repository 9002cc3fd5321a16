#include "deadlock/interrupt.hpp"

#include <ucontext.h>

#include "deadlock/detector.hpp"
#include "deadlock/raw.hpp"
#include "deadlock/sharing.hpp"

namespace racetrack::deadlock {
namespace {

constexpr int kHeld[] = {SIGINT, SIGQUIT};
constexpr long kLongestHoldUs = 3'000'000;  // a host that has died does not inspect
std::atomic<bool> holding{false};

/// The kernel's struct on x86-64 and AArch64.
struct KernelAction {
  void (*handler)(int, siginfo_t*, void*);
  unsigned long flags;
  void (*restorer)();
  std::uint64_t mask;
};

void store_registers(Interrupted& interrupted, const ucontext_t& context) noexcept {
  const mcontext_t& machine = context.uc_mcontext;
#if defined(__x86_64__)
  const auto at = [&](int index) { return static_cast<std::uintptr_t>(machine.gregs[index]); };
  interrupted.pc.store(at(REG_RIP));
  interrupted.stack.store(at(REG_RSP));
  interrupted.number.store(machine.gregs[REG_RAX]);
  constexpr int kArguments[] = {REG_RDI, REG_RSI, REG_RDX, REG_R10, REG_R8, REG_R9};
  for (int i = 0; i < 6; ++i) interrupted.arguments[i].store(at(kArguments[i]));
#else
  interrupted.pc.store(machine.pc);
  interrupted.stack.store(machine.sp);
  interrupted.number.store(static_cast<std::int64_t>(machine.regs[8]));
  for (int i = 0; i < 6; ++i) interrupted.arguments[i].store(machine.regs[i]);
#endif
}

/// Waits until the host has inspected this process, at most kLongestHoldUs.
void wait_for_host(int signal, const ucontext_t& context) noexcept {
  SharedPage* const page = shared_page();
  const std::size_t entry = shared_entry();
  if (page == nullptr || entry == SharedPage::kMostProcesses) return;
  Interrupted& interrupted = page->interrupted[entry];
  store_registers(interrupted, context);
  interrupted.task.store(static_cast<std::int32_t>(raw_thread_id()));
  interrupted.signal.store(signal);
  const std::uint32_t before = page->released.load();
  page->holding.fetch_add(1);
  constexpr long kPieceUs = 100'000;
  for (long waited_us = 0; page->released.load() == before && waited_us < kLongestHoldUs; waited_us += kPieceUs) {
    const timespec piece{0, kPieceUs * 1000};
    raw_syscall(SYS_futex, as_long(&page->released), FUTEX_WAIT, before, as_long(&piece));
  }
  interrupted.signal.store(0);
}

/// Ends the process as the default action does.
void end_by(int signal) noexcept {
  const KernelAction action{};  // SIG_DFL
  raw_syscall(SYS_rt_sigaction, signal, as_long(&action), 0, sizeof action.mask);
  raw_syscall(SYS_tgkill, raw_syscall(SYS_getpid), static_cast<long>(raw_thread_id()), signal);
  const std::uint64_t this_one = std::uint64_t{1} << static_cast<unsigned>(signal - 1);
  raw_syscall(SYS_rt_sigprocmask, SIG_UNBLOCK, as_long(&this_one), 0, sizeof this_one);
}

void hold(int signal, siginfo_t*, void* context) {
  wait_for_host(signal, *static_cast<const ucontext_t*>(context));
  end_by(signal);
}

bool is_held(int signal) noexcept {
  for (const int held : kHeld) {
    if (signal == held) return true;
  }
  return false;
}

}  // namespace

void begin_holding() noexcept {
  const SharedPage* const page = shared_page();
  if (page == nullptr || page->host_inspects.load() == 0) return;
  holding.store(true);
  const struct sigaction action = holding_action();
  for (const int signal : kHeld) {
    struct sigaction before {};
    real.sigaction(signal, nullptr, &before);
    if ((before.sa_flags & SA_SIGINFO) == 0 && before.sa_handler == SIG_DFL) real.sigaction(signal, &action, nullptr);
  }
}

bool holds_signal(int signal) noexcept { return holding.load(std::memory_order_relaxed) && is_held(signal); }

struct sigaction holding_action() noexcept {
  struct sigaction action {};
  action.sa_sigaction = hold;
  action.sa_flags = SA_SIGINFO | SA_RESTART | SA_ONSTACK;
  sigfillset(&action.sa_mask);
  return action;
}

bool is_holding(const struct sigaction& action) noexcept {
  return (action.sa_flags & SA_SIGINFO) != 0 && action.sa_sigaction == hold;
}

std::uint64_t held_signals() noexcept {
  std::uint64_t held = 0;
  if (!holding.load(std::memory_order_relaxed)) return held;
  for (const int signal : kHeld) {
    KernelAction action{};
    raw_syscall(SYS_rt_sigaction, signal, 0, as_long(&action), sizeof action.mask);
    if (action.handler == hold) held |= std::uint64_t{1} << static_cast<unsigned>(signal - 1);
  }
  return held;
}

}  // namespace racetrack::deadlock
