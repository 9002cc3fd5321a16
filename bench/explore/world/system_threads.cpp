#include "explore/world/system_threads.hpp"

#include <array>
#include <atomic>
#include <cerrno>
#include <cstdint>
#include <ctime>
#include <set>

#include <fcntl.h>
#include <sys/stat.h>
#include <sys/syscall.h>
#include <threads.h>

#include "explore/interpose/real.hpp"
#include "explore/trace/code_place.hpp"

namespace racetrack::explore {
namespace {

/// The directory itself has two links; each thread adds one.
unsigned running_threads() {
  struct stat tasks {};
  const long error = raw_syscall(SYS_newfstatat, AT_FDCWD, reinterpret_cast<long>("/proc/self/task"),
                                 reinterpret_cast<long>(&tasks), 0);
  return error == 0 && tasks.st_nlink > 2 ? static_cast<unsigned>(tasks.st_nlink) - 2 : 0;
}

/// A thread that the explorer does not schedule.
struct Uncontrolled {
  std::atomic<bool> taken{false};
  void* (*routine)(void*);
  int (*c11_routine)(void*);  ///< in place of `routine`
  void* argument;
};
[[gnu::section("racetrack_state")]] constinit std::array<Uncontrolled, 64> uncontrolled{};

void* run_uncontrolled(void* of_thread) {
  struct Slot {
    Uncontrolled& thread;
    ~Slot() { thread.taken.store(false, std::memory_order_release); }  // for the next thread that uses the slot
  } const slot{*static_cast<Uncontrolled*>(of_thread)};
  if (slot.thread.c11_routine == nullptr) return slot.thread.routine(slot.thread.argument);
  return reinterpret_cast<void*>(static_cast<std::intptr_t>(slot.thread.c11_routine(slot.thread.argument)));
}

/// An address in the module that starts the thread. The routine of a std::thread is in libstdc++; its argument has
/// virtual functions of that module.
std::uintptr_t origin_of(const Uncontrolled& thread) {
  if (thread.c11_routine != nullptr) return reinterpret_cast<std::uintptr_t>(thread.c11_routine);
  const auto routine = reinterpret_cast<std::uintptr_t>(thread.routine);
  if (short_name(in_file(routine).module).starts_with("libstdc++.")) {
    return *static_cast<const std::uintptr_t*>(thread.argument);
  }
  return routine;
}

/// Returns null when all slots are taken.
Uncontrolled* take_slot() {
  for (Uncontrolled& thread : uncontrolled) {
    if (!thread.taken.exchange(true, std::memory_order_acquire)) return &thread;  // with the release of the one before
  }
  return nullptr;
}

int start_in(Uncontrolled& slot, pthread_t* handle, const pthread_attr_t* attributes) {
  const int error = real().pthread_create(handle, attributes, run_uncontrolled, &slot);
  if (error != 0) slot.taken.store(false, std::memory_order_release);  // the slot is free again
  return error;
}

}  // namespace

int start_uncontrolled(pthread_t* handle, const pthread_attr_t* attributes, void* (*routine)(void*), void* argument) {
  Uncontrolled* const slot = take_slot();
  if (slot == nullptr) return real().pthread_create(handle, attributes, routine, argument);
  slot->routine = routine;
  slot->c11_routine = nullptr;
  slot->argument = argument;
  return start_in(*slot, handle, attributes);
}

int start_uncontrolled(pthread_t* handle, int (*routine)(void*), void* argument) {
  Uncontrolled* const slot = take_slot();
  if (slot == nullptr) {
    static const auto next = reinterpret_cast<decltype(&thrd_create)>(next_symbol("thrd_create"));
    return next(handle, routine, argument) == thrd_success ? 0 : EAGAIN;
  }
  slot->routine = nullptr;
  slot->c11_routine = routine;
  slot->argument = argument;
  return start_in(*slot, handle, nullptr);
}

std::string files_of_uncontrolled() {
  std::set<std::string> files;
  for (const Uncontrolled& thread : uncontrolled) {
    if (!thread.taken.load(std::memory_order_acquire)) continue;  // pairs with the release of the slot
    if (const std::string module = in_file(origin_of(thread)).module; !module.empty()) files.insert(short_name(module));
  }
  std::string text;
  for (const std::string& file : files) text += (text.empty() ? "" : ", ") + file;
  return text;
}

unsigned uncontrolled_threads(unsigned made) {
  constexpr int kTries = 200;
  constexpr timespec kPause{0, 1'000'000};
  unsigned running = running_threads();
  for (int i = 0; i < kTries && running > made + 1; ++i) {
    // A thread that has been joined may still exist for a moment.
    raw_syscall(SYS_nanosleep, reinterpret_cast<long>(&kPause), 0);
    running = running_threads();
  }
  return running > made + 1 ? running - made - 1 : 0;
}

}  // namespace racetrack::explore
