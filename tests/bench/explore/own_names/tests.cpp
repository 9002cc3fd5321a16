// Tests in a program that defines functions under names of libc. The program calls these, and the explorer interposes
// the others.
#include "functions.h"

#include <condition_variable>
#include <csignal>
#include <mutex>
#include <thread>

#include <racetrack/explore.hpp>

RACETRACK_EXPLORE(calls_its_own_functions) {
  int count = 0;
  std::thread other([&] { count = call_them_all(); });
  other.join();
  racetrack::check(count == 13, "each is called once");
}
RACETRACK_EXPLORE(fault_counts_without_a_lock) {
  int count = 0;
  std::thread other([&] { count += call_them_all(); });
  ++count;
  other.join();
}
// The standard library's calls of libc still reach the explorer.
RACETRACK_EXPLORE(fault_waits_after_the_notification) {
  std::mutex mutex;
  std::condition_variable changed;
  std::thread other([&] { changed.notify_one(); });
  std::unique_lock lock(mutex);
  changed.wait(lock);
  lock.unlock();
  other.join();
}
RACETRACK_EXPLORE(fault_crashes) {
  volatile int* nowhere = nullptr;
  std::thread([&] { *nowhere = 1; }).join();
}
