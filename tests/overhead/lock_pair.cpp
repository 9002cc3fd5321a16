// Measures an uncontended pair of lock and unlock: `lock_pair CHUNKS PAIRS [HELD]` prints the nanoseconds per pair of
// each chunk. Run it plain, under the deadlock detector, under TSan or Helgrind, and compare. HELD is the number of
// other locks that the thread holds during the pairs: the lock order is recorded only then.
#include <chrono>
#include <cstdio>
#include <cstdlib>
#include <mutex>
#include <thread>
#include <vector>

int main(int argc, char** argv) {
  if (argc < 3 || argc > 4) return 2;
  const int chunks = std::atoi(argv[1]), pairs = std::atoi(argv[2]), held = argc == 4 ? std::atoi(argv[3]) : 0;
  // After the first second thread, glibc always takes its locks with atomic operations: the case to measure.
  std::thread([] {}).join();
  std::vector<std::mutex> others(static_cast<std::size_t>(held));
  for (std::mutex& other : others) other.lock();
  std::mutex mutex;
  for (int chunk = 0; chunk < chunks; ++chunk) {
    const auto begin = std::chrono::steady_clock::now();
    for (int i = 0; i < pairs; ++i) {
      mutex.lock();
      mutex.unlock();
    }
    const std::chrono::duration<double, std::nano> took = std::chrono::steady_clock::now() - begin;
    std::printf("%.3f\n", took.count() / pairs);
  }
  for (std::mutex& other : others) other.unlock();
}
