#include "explore/interpose/crash.hpp"

#include <csignal>
#include <cstdlib>
#include <exception>
#include <string>

#include <cxxabi.h>
#include <sys/syscall.h>
#include <sys/time.h>
#include <ucontext.h>

#include "explore/interpose/real.hpp"
#include "explore/interpose/time_stamp.hpp"
#include "explore/runtime.hpp"
#include "explore/schedule/standstill.hpp"

namespace racetrack::explore {
namespace {

/// Seconds without a step or an execution's end after which a thread is taken to be lost in code that is not seen. The second of an
/// execution is lost after one.
constexpr int kPatience = 5;
constexpr std::size_t kHandlerStack = 64 << 10;

struct Watch {
  std::uint64_t executions = 0;
  std::uint32_t steps = 0;
  std::uint64_t fingerprint = 0;  ///< also of what is no step, as allocations are
  int looks = 0;
};
[[gnu::section("racetrack_state")]] Watch watch;
alignas(16) [[gnu::section("racetrack_state")]] char handler_stack[kHandlerStack];

/// Of an execution, to memory that hardly changes.
bool is_first_write(std::uintptr_t address) {
  return runtime.world.unguard(address) || runtime.standard_libraries.unguard(address);
}

bool in_execution() { return runtime.current != nullptr; }

std::string describe(int signal, const siginfo_t& info) {
  const auto address = reinterpret_cast<std::uintptr_t>(info.si_addr);
  const std::string who = "thread " + std::to_string(runtime.current->id);
  switch (signal) {
    case SIGABRT: return who + " aborts: a failed assertion, an exception that nobody catches, or a call of abort";
    case SIGFPE: return who + " divides by zero";
    case SIGILL: return who + " executes no instruction (unreachable code?)";
    default: break;
  }
  const std::uintptr_t guard = kStacksBase + runtime.current->id * kStackSize;
  if (address - guard < 4096) return who + " has used up its stack of " + std::to_string(kStackSize >> 10U) + " KiB";
  return who + (address < 4096 ? " follows a null pointer" : " accesses memory that is not there");
}

/// Not by signal() and raise(), which may be the program's own functions.
void end_process_by(int signal) {
  struct sigaction as_always {};
  as_always.sa_handler = SIG_DFL;
  sigaction(signal, &as_always, nullptr);
  raw_syscall(SYS_tgkill, raw_syscall(SYS_getpid), raw_syscall(SYS_gettid), signal);
}

void on_crash(int signal, siginfo_t* info, void* context) {
  // The kernel tells no address of an instruction that the processor refuses.
  if (signal == SIGSEGV && info->si_code == SI_KERNEL && answer_time_stamp(context)) return;
  if (signal == SIGSEGV && is_first_write(reinterpret_cast<std::uintptr_t>(info->si_addr))) return;
  if (!in_execution()) {
    end_process_by(signal);
    return;
  }
  const Inside inside;
  std::string text = describe(signal, *info);
  // The instruction, but for an abort, which is the library's, and for a stack overflow, which may be anywhere.
  const auto* const registers = static_cast<const ucontext_t*>(context);
  const auto at = reinterpret_cast<std::uintptr_t>(info->si_addr);
  const bool anywhere = signal == SIGABRT || at - (kStacksBase + runtime.current->id * kStackSize) < 4096;
  const auto instruction = anywhere ? 0 : static_cast<std::uintptr_t>(registers->uc_mcontext.gregs[REG_RIP]);
  const std::string signature = std::to_string(signal) + "@" + std::to_string(instruction);
  fail({.kind = "crash",
        .text = std::move(text),
        .signature = signature,
        .address = reinterpret_cast<std::uintptr_t>(info->si_addr)});
}

void on_alarm(int, siginfo_t*, void*) {
  if (!in_execution()) {
    watch.looks = 0;
    return;
  }
  const bool stands = watch.executions == runtime.executions && watch.steps == runtime.scheduler.steps() &&
                      watch.fingerprint == runtime.fingerprint;
  watch = {runtime.executions, runtime.scheduler.steps(), runtime.fingerprint, stands ? watch.looks + 1 : 0};
  if (watch.looks < (runtime.scheduler.lost() != 0 ? 1 : kPatience)) return;
  watch.looks = 0;
  const bool in_subject = runtime.watching;
  const Inside inside;
  // It is one of the orders that may be: others run while this thread computes.
  if (in_subject && (runtime.scheduler.runnable() & ~runtime.current->bit()) != 0) runtime.scheduler.lose();
  report_lost();
}

/// ": TEXT" of the exception that is being handled; nothing when it has none.
std::string what_of_the_exception() {
  try {
    throw;
  } catch (const std::exception& exception) {
    return std::string(": ") + exception.what();
  } catch (...) {
    return "";
  }
}

/// An exception that nobody catches: it leaves a thread, a destructor or a noexcept function.
[[noreturn]] void on_terminate() {
  if (!in_execution()) std::abort();
  const Inside inside;
  const std::type_info* const type = abi::__cxa_current_exception_type();
  std::string text = "thread " + std::to_string(runtime.current->id) + " calls std::terminate";
  if (type != nullptr) {
    int status = 0;
    char* const name = abi::__cxa_demangle(type->name(), nullptr, nullptr, &status);
    text += std::string(": nobody catches an exception of type ") + (status == 0 ? name : type->name());
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
  handle(SIGALRM, on_alarm, SA_RESTART);  // a call that the subject waits in goes on
  const itimerval every_second{{1, 0}, {1, 0}};
  setitimer(ITIMER_REAL, &every_second, nullptr);
}

}  // namespace racetrack::explore

/// What assert() calls.
RACETRACK_INTERPOSED void __assert_fail(const char* assertion, const char* file, unsigned line,
                                        const char* function) noexcept {
  using namespace racetrack::explore;
  if (runtime.watching) {
    const Inside inside;
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
