#include "library.hpp"

#include <atomic>
#include <thread>

namespace {
int count = 0;
}  // namespace

void count_in_library() { ++count; }

void prepare_and_call_in_thread(void (*prepare)(int&), void (*call)(int&), int& number) {
  std::atomic<bool> ready = false;
  std::thread other([&] {
    while (!ready) std::this_thread::yield();
    call(number);
  });
  prepare(number);
  ready = true;
  other.join();
}

std::uint64_t compute_in_library(std::uint64_t rounds) { return computed(rounds); }
