#include "explore/interpose/crash.hpp"

#include <array>
#include <csignal>
#include <cstdint>
#include <cstdlib>
#include <exception>
#include <string>

#include <cxxabi.h>
#include <fcntl.h>
#include <sys/syscall.h>
#include <sys/time.h>
#include <ucontext.h>

#include "explore/interpose/real.hpp"
#include "explore/interpose/time_stamp.hpp"
#include "explore/runtime.hpp"
#include "explore/schedule/standstill.hpp"

namespace racetrack::explore {
namespace {

/// Seconds without a step or an execution's end after which a thread counts as lost in uninstrumented code. Once an
/// exploration has lost a thread, the next ones count as lost after one second.
constexpr int kPatience = 5;
constexpr std::uint64_t kStarvedNs = 500'000'000;
constexpr std::size_t kHandlerStack = 64 << 10;

struct Watch {
  std::uint64_t executions = 0;
  std::uint32_t steps = 0;
  std::uint64_t fingerprint = 0;  ///< also changes without a step, for example by an allocation
  int idle_seconds = 0;
  std::uint64_t waited_ns = 0;
};
[[gnu::section("racetrack_state")]] Watch watch;
alignas(16) [[gnu::section("racetrack_state")]] char handler_stack[kHandlerStack];

/// Removes the write protection at the first write to a guarded page of an execution. Returns whether it was one.
bool is_first_write(std::uintptr_t address) {
  return runtime.world.unguard(address) || runtime.standard_libraries.unguard(address);
}

bool in_execution() { return runtime.current != nullptr; }

/// Whether the address is in the guard of the current thread's stack.
bool is_below_stack(std::uintptr_t address) {
  const Fiber& fiber = runtime.current->fiber;
  const std::uintptr_t slot = kStacksBase + runtime.current->id * kStackSlot;
  return address >= slot && address < fiber.stack_bottom;
}

std::string describe(int signal, const siginfo_t& info) {
  const auto address = reinterpret_cast<std::uintptr_t>(info.si_addr);
  const std::string thread = "thread " + std::to_string(runtime.current->id);
  switch (signal) {
    case SIGABRT: return thread + " aborts: a failed assertion, an uncaught exception, or a call of abort";
    case SIGFPE: return thread + " divides by zero";
    case SIGILL: return thread + " executes an illegal instruction (unreachable code?)";
    default: break;
  }
  if (is_below_stack(address)) {
    const Fiber& fiber = runtime.current->fiber;
    return thread + " overflows its stack of " + std::to_string((fiber.stack_top - fiber.stack_bottom) >> 10U) + " KiB";
  }
  return thread + (address < 4096 ? " dereferences a null pointer" : " accesses unmapped memory");
}

/// Does not call signal() and raise(), which the program may define itself.
void end_process_by(int signal) {
  struct sigaction as_always {};
  as_always.sa_handler = SIG_DFL;
  sigaction(signal, &as_always, nullptr);
  raw_syscall(SYS_tgkill, raw_syscall(SYS_getpid), raw_syscall(SYS_gettid), signal);
}

void on_crash(int signal, siginfo_t* info, void* context) {
  // The kernel gives no address for an instruction that the processor refuses.
  if (signal == SIGSEGV && info->si_code == SI_KERNEL && answer_time_stamp(context)) return;
  if (signal == SIGSEGV && is_first_write(reinterpret_cast<std::uintptr_t>(info->si_addr))) return;
  if (!in_execution()) {
    end_process_by(signal);
    return;
  }
  const ExplorerScope explorer_scope;
  std::string text = describe(signal, *info);
  // The instruction, except for an abort, whose instruction is the library's, and a stack overflow, which may occur at
  // any.
  const auto* const registers = static_cast<const ucontext_t*>(context);
  const auto at = reinterpret_cast<std::uintptr_t>(info->si_addr);
  const bool anywhere = signal == SIGABRT || is_below_stack(at);
  const auto instruction = anywhere ? 0 : static_cast<std::uintptr_t>(registers->uc_mcontext.gregs[REG_RIP]);
  const std::string signature = std::to_string(signal) + "@" + std::to_string(instruction);
  fail({.kind = "crash",
        .text = std::move(text),
        .signature = signature,
        .address = reinterpret_cast<std::uintptr_t>(info->si_addr)});
}

/// Nanoseconds for which this thread was runnable without a processor, since its start; 0 when the system does not
/// provide it.
std::uint64_t waited_for_processor() noexcept {
  const long file = raw_syscall(SYS_openat, AT_FDCWD, reinterpret_cast<long>("/proc/thread-self/schedstat"), O_RDONLY);
  if (file < 0) return 0;
  std::array<char, 64> text{};
  const long size =
      raw_syscall(SYS_read, file, reinterpret_cast<long>(text.data()), static_cast<long>(text.size() - 1));
  raw_syscall(SYS_close, file);
  if (size <= 0) return 0;
  const char* at = text.data();
  while (*at != ' ' && *at != '\0') ++at;
  std::uint64_t waited = 0;
  for (at += *at == ' ' ? 1 : 0; *at >= '0' && *at <= '9'; ++at) {
    waited = waited * 10 + static_cast<std::uint64_t>(*at - '0');
  }
  return waited;
}

void on_alarm(int, siginfo_t*, void* context) {
  if (!in_execution()) {
    watch.idle_seconds = 0;
    return;
  }
  const bool unchanged = watch.executions == runtime.executions && watch.steps == runtime.scheduler.steps() &&
                         watch.fingerprint == runtime.fingerprint;
  // A second in which the thread mostly waited for a processor does not count. While the process is stopped, the
  // timer's signals merge into one.
  const std::uint64_t waited = waited_for_processor();
  const int second = waited - watch.waited_ns < kStarvedNs ? 1 : 0;
  watch = {runtime.executions, runtime.scheduler.steps(), runtime.fingerprint,
           unchanged ? watch.idle_seconds + second : 0, waited};
  if (watch.idle_seconds < (runtime.has_lost_threads ? 1 : kPatience)) return;
  watch.idle_seconds = 0;
  runtime.has_lost_threads = true;
  const bool in_subject = runtime.watching;
  Thread& thread = *runtime.current;
  thread.lost_at = static_cast<std::uintptr_t>(static_cast<const ucontext_t*>(context)->uc_mcontext.gregs[REG_RIP]);
  thread.lost_after = thread.caller;
  const ExplorerScope explorer_scope;
  // Other threads run while this one computes: that is a possible schedule.
  if (in_subject && (runtime.scheduler.runnable() & ~runtime.current->bit()) != 0) runtime.scheduler.lose();
  report_lost();
}

/// ": TEXT" of the exception that is being handled; empty when it has no text.
std::string what_of_the_exception() {
  try {
    throw;
  } catch (const std::exception& exception) {
    return std::string(": ") + exception.what();
  } catch (...) {
    return "";
  }
}

/// Handles an uncaught exception, which escapes a thread, a destructor or a noexcept function.
[[noreturn]] void on_terminate() {
  if (!in_execution()) std::abort();
  const ExplorerScope explorer_scope;
  const std::type_info* const type = abi::__cxa_current_exception_type();
  std::string text = "thread " + std::to_string(runtime.current->id) + " calls std::terminate";
  if (type != nullptr) {
    int status = 0;
    char* const name = abi::__cxa_demangle(type->name(), nullptr, nullptr, &status);
    text += std::string(": uncaught exception of type ") + (status == 0 ? name : type->name());
    std::free(name);
    text += what_of_the_exception();
  } else {
    text += " (a std::thread destroyed before it was joined?)";
  }
  fail({.kind = "crash", .text = std::move(text), .signature = "terminate"});
}

void handle(int signal, void (*handler)(int, siginfo_t*, void*), int flags = 0) {
  struct sigaction action {};
  action.sa_sigaction = handler;
  action.sa_flags = SA_SIGINFO | SA_NODEFER | SA_ONSTACK | flags;
  sigaction(signal, &action, nullptr);
}

}  // namespace

void catch_crashes() {
  stack_t stack{};
  stack.ss_sp = handler_stack;
  stack.ss_size = sizeof handler_stack;
  sigaltstack(&stack, nullptr);
  for (const int signal : {SIGSEGV, SIGBUS, SIGABRT, SIGFPE, SIGILL}) handle(signal, on_crash);
  std::set_terminate(on_terminate);
  handle(SIGALRM, on_alarm, SA_RESTART);  // a blocking call of the subject continues
  const itimerval every_second{{1, 0}, {1, 0}};
  setitimer(ITIMER_REAL, &every_second, nullptr);
}

}  // namespace racetrack::explore

/// Called by assert().
RACETRACK_INTERPOSED void __assert_fail(const char* assertion, const char* file, unsigned line,
                                        const char* function) noexcept {
  using namespace racetrack::explore;
  if (runtime.watching) {
    const ExplorerScope explorer_scope;
    const std::string path = file;
    fail({.kind = "crash",
          .text = "thread " + std::to_string(runtime.current->id) + ": " + path.substr(path.rfind('/') + 1) + ":" +
                  std::to_string(line) + ": assertion '" + assertion + "' does not hold",
          .signature = path + std::to_string(line)});
  }
  using Fail = void (*)(const char*, const char*, unsigned, const char*);
  static const auto next = reinterpret_cast<Fail>(next_symbol("__assert_fail"));
  next(assertion, file, line, function);
  __builtin_unreachable();
}
