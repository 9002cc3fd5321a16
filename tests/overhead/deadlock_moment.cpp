// Two threads that deadlock for certain. The moment before the call that closes the cycle goes to standard output, in nanoseconds of
// CLOCK_MONOTONIC: how long after it is the verdict there?
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
    std::this_thread::sleep_for(std::chrono::milliseconds(100));  // the other waits by then
    std::printf("%lld\n", static_cast<long long>(std::chrono::steady_clock::now().time_since_epoch().count()));
    std::fflush(stdout);
    const std::lock_guard second(a);
  });
  one.join();
  two.join();
}
