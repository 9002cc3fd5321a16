// Two threads that always deadlock. Prints the time just before the call that closes the cycle, in nanoseconds of
// CLOCK_MONOTONIC, to measure how long the verdict takes after it.
#include <chrono>
#include <cstdio>
#include <latch>
#include <mutex>
#include <thread>

#include <unistd.h>

int main() {
  std::mutex a, b;
  std::latch both(2);
  std::thread one([&] {
    const std::lock_guard first(a);
    both.arrive_and_wait();
    const std::lock_guard second(b);
  });
  std::thread two([&] {
    const std::lock_guard first(b);
    both.arrive_and_wait();
    std::this_thread::sleep_for(std::chrono::milliseconds(100));  // by then the other thread waits
    std::printf("%lld\n", static_cast<long long>(std::chrono::steady_clock::now().time_since_epoch().count()));
    std::fflush(stdout);
    const std::lock_guard second(a);
  });
  one.join();
  two.join();
}
