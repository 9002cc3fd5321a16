#include "stress/thread_stacks.hpp"

#include <array>
#include <atomic>
#include <cerrno>
#include <csignal>
#include <cstdlib>
#include <cstring>
#include <ctime>
#include <filesystem>
#include <fstream>
#include <memory>
#include <sstream>

#include <cxxabi.h>
#include <dlfcn.h>
#include <execinfo.h>
#include <linux/futex.h>
#include <sys/syscall.h>
#include <unistd.h>

#include "deadlock/in_process.hpp"

namespace racetrack::stress {
namespace {

constexpr int kMostFrames = 32;
constexpr int kOwnFrames = 2;  ///< frames of the signal handler

/// The request to one thread and its answer. Requests are made one at a time.
struct Answer {
  /// Id of the requested thread; 0 when its handler has started or the request is withdrawn.
  std::atomic<int> asked{0};
  std::array<void*, kMostFrames> frames{};
  int count = 0;
  std::atomic<bool> ready{false};
};

Answer& answer() noexcept {
  static Answer instance;  // a signal handler can only reach a global object
  return instance;
}

int signal_number() noexcept { return SIGRTMIN + 3; }

void on_signal(int) {
  const int saved = errno;
  Answer& mine = answer();
  auto self = static_cast<int>(syscall(SYS_gettid));
  // acquire: pairs with the release in stack_of(), which follows the reading of the previous thread's frames. A handler
  // that starts too late finds its request withdrawn.
  if (!mine.asked.compare_exchange_strong(self, 0, std::memory_order_acquire, std::memory_order_relaxed)) return;
  mine.count = backtrace(mine.frames.data(), kMostFrames);
  mine.ready.store(true, std::memory_order_release);  // pairs with the acquire in stack_of(): publishes the frames
  errno = saved;
}

/// Returns whether a thread is in a futex wait without a timeout. proc(5): the file has the number of the thread's
/// current system call, its arguments, stack and instruction pointer.
bool waits_on_futex_without_limit(int tid) {
  std::ifstream file("/proc/self/task/" + std::to_string(tid) + "/syscall");
  std::string number, address, operation, value, timeout;
  if (!(file >> number >> address >> operation >> value >> timeout)) return false;
  if (number != std::to_string(SYS_futex)) return false;
  const auto command = static_cast<int>(std::strtoul(operation.c_str(), nullptr, 16)) & FUTEX_CMD_MASK;
  const bool waits = command == FUTEX_WAIT || command == FUTEX_WAIT_BITSET || command == FUTEX_LOCK_PI;
  return waits && std::strtoul(timeout.c_str(), nullptr, 16) == 0;
}

bool blocks_segmentation_faults(int tid) {
  std::ifstream file("/proc/self/task/" + std::to_string(tid) + "/status");
  for (std::string line; std::getline(file, line);) {
    if (!line.starts_with("SigBlk:")) continue;
    return (std::strtoull(line.c_str() + std::strlen("SigBlk:"), nullptr, 16) >> (SIGSEGV - 1) & 1U) != 0;
  }
  return false;
}

std::vector<void*> stack_of(int tid) {
  Answer& theirs = answer();
  theirs.ready.store(false, std::memory_order_relaxed);  // no request is pending, so no handler runs
  theirs.asked.store(tid, std::memory_order_release);    // pairs with the acquire in on_signal()
  bool withdrawn = syscall(SYS_tgkill, getpid(), tid, signal_number()) != 0;
  for (int waited_ms = 0; !withdrawn && waited_ms < 10'000; ++waited_ms) {
    if (theirs.ready.load(std::memory_order_acquire)) {  // pairs with the release in on_signal()
      const auto begin = theirs.frames.begin() + std::min(kOwnFrames, theirs.count);
      return std::vector<void*>(begin, theirs.frames.begin() + theirs.count);  // braces would list two pointers
    }
    const timespec pause{0, 1'000'000};
    nanosleep(&pause, nullptr);
    int asked = tid;
    // Relaxed: this succeeds only while the handler has not started, and so has written nothing.
    withdrawn = waited_ms >= 1000 && theirs.asked.compare_exchange_strong(asked, 0, std::memory_order_relaxed);
  }
  return {};
}

std::string name_of(void* address) {
  std::ostringstream text;
  Dl_info info{};
  if (dladdr(address, &info) == 0 || info.dli_fname == nullptr) {
    text << address;
  } else if (info.dli_sname != nullptr) {
    int status = 0;
    const std::unique_ptr<char, void (*)(void*)> readable(
        abi::__cxa_demangle(info.dli_sname, nullptr, nullptr, &status), std::free);
    text << (status == 0 ? readable.get() : info.dli_sname);
  } else {
    const auto offset = static_cast<char*>(address) - static_cast<char*>(info.dli_fbase);
    text << std::filesystem::path(info.dli_fname).filename().string() << "+0x" << std::hex << offset;
  }
  return text.str();
}

}  // namespace

std::vector<int> list_threads() {
  std::vector<int> threads;
  std::error_code error;
  for (const auto& task : std::filesystem::directory_iterator("/proc/self/task", error)) {
    std::string name;
    std::ifstream file(task.path() / "comm");
    // A thread without a name has ended.
    if (!std::getline(file, name) || name == deadlock::kMonitorName) continue;
    threads.push_back(std::atoi(task.path().filename().c_str()));
  }
  return threads;
}

std::vector<int> list_sanitizer_threads() {
  std::vector<int> threads = list_threads();
  std::erase_if(threads, [](int tid) { return !blocks_segmentation_faults(tid); });
  return threads;
}

std::vector<ThreadState> capture_threads() {
  std::array<void*, 1> warm_up;
  backtrace(warm_up.data(), 1);  // the first call loads the unwinder, which a signal handler must not do
  struct sigaction action {};
  action.sa_handler = on_signal;
  action.sa_flags = SA_RESTART;
  sigaction(signal_number(), &action, nullptr);

  std::vector<ThreadState> threads;
  const auto self = static_cast<int>(syscall(SYS_gettid));
  for (const int tid : list_threads()) {
    if (tid == self) continue;
    ThreadState thread;
    thread.tid = tid;
    thread.asleep_without_limit = waits_on_futex_without_limit(tid);  // before the signal wakes it
    thread.stack = stack_of(tid);
    threads.push_back(std::move(thread));
  }
  return threads;
}

std::string describe(const std::vector<ThreadState>& threads) {
  std::string text;
  int number = 0;
  for (const ThreadState& thread : threads) {
    text += "thread " + std::to_string(number++) + (thread.asleep_without_limit ? " (asleep)" : "") + ":\n";
    for (void* address : thread.stack) text += "    " + name_of(address) + "\n";
  }
  return text;
}

}  // namespace racetrack::stress
