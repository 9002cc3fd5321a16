// Joins that try or time out, stacks of any size, and calendars in two threads.
#include <atomic>
#include <cerrno>
#include <cstddef>
#include <cstring>
#include <ctime>
#include <thread>

#include <pthread.h>
#include <sched.h>

#include <racetrack/explore.hpp>

namespace {

std::atomic<bool> go = false;

void* wait_for_go(void*) {
  while (!go.load()) sched_yield();
  return &go;
}
void* return_at_once(void*) { return &go; }

pthread_t start(void* (*routine)(void*), std::size_t stack = 0) {
  pthread_attr_t attributes;
  pthread_attr_init(&attributes);
  if (stack != 0) racetrack::check(pthread_attr_setstacksize(&attributes, stack) == 0, "a stack may have this size");
  pthread_t thread{};
  racetrack::check(pthread_create(&thread, &attributes, routine, nullptr) == 0, "a thread starts");
  pthread_attr_destroy(&attributes);
  return thread;
}

/// Touches every page of a frame of so many bytes.
template <std::size_t kBytes>
[[gnu::noinline]] void* use_stack(void*) {
  volatile char frame[kBytes];
  for (std::size_t i = 0; i < kBytes; i += 4096) frame[i] = 1;
  return const_cast<char*>(frame) == nullptr ? nullptr : &go;
}

constexpr std::size_t kMiB = std::size_t{1} << 20;

}  // namespace

RACETRACK_EXPLORE(join_that_tries) {
  go = false;
  const pthread_t thread = start(wait_for_go);
  void* result = nullptr;
  racetrack::check(pthread_tryjoin_np(thread, &result) == EBUSY, "it waits for a flag that is not set yet");
  go = true;
  int error = EBUSY;
  while (error == EBUSY) error = pthread_tryjoin_np(thread, &result);
  racetrack::check(error == 0 && result == &go, "it is joined");
}

RACETRACK_EXPLORE(join_that_times_out) {
  go = false;
  const pthread_t thread = start(wait_for_go);
  timespec until{};
  clock_gettime(CLOCK_REALTIME, &until);
  until.tv_sec += 1;
  void* result = nullptr;
  racetrack::check(pthread_timedjoin_np(thread, &result, &until) == ETIMEDOUT, "it waits for a flag that is not set");
  go = true;
  racetrack::check(pthread_join(thread, &result) == 0 && result == &go, "it is joined");
}

RACETRACK_EXPLORE(join_in_time) {
  const pthread_t thread = start(return_at_once);
  timespec until{};
  clock_gettime(CLOCK_REALTIME, &until);
  until.tv_sec += 1000;
  void* result = nullptr;
  const int error = pthread_timedjoin_np(thread, &result, &until);
  racetrack::check(error == 0 || error == ETIMEDOUT, "it is joined, or time ran first");
  if (error == ETIMEDOUT) racetrack::check(pthread_join(thread, &result) == 0, "it can still be joined");
  racetrack::check(result == &go, "it has a result");
}

RACETRACK_EXPLORE(stacks_of_the_usual_size) {
  const pthread_t one = start(use_stack<6 * kMiB>), other = start(use_stack<6 * kMiB>);
  pthread_join(one, nullptr);
  pthread_join(other, nullptr);
}

RACETRACK_EXPLORE(stacks_as_large_as_asked_for) {
  const pthread_t one = start(use_stack<20 * kMiB>, 24 * kMiB), other = start(use_stack<20 * kMiB>, 24 * kMiB);
  pthread_join(one, nullptr);
  pthread_join(other, nullptr);
}

RACETRACK_EXPLORE(fault_stack_smaller_than_its_frame) {
  const pthread_t thread = start(use_stack<2 * kMiB>, kMiB);
  pthread_join(thread, nullptr);
}

RACETRACK_EXPLORE(calendars_in_two_threads) {
  const auto look = [] {
    std::tm broken{};
    const std::time_t now = 1'700'000'000;
    localtime_r(&now, &broken);
    racetrack::check(std::mktime(&broken) == now, "there and back");
    char text[64];
    racetrack::check(std::strftime(text, sizeof text, "%Y", &broken) == 4, "a year has four digits");
  };
  std::thread other(look);
  look();
  other.join();
}
