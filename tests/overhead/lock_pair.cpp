// What one uncontended pair of lock and unlock costs: `lock_pair CHUNKS PAIRS [under]`, one line of nanoseconds per pair for each
// chunk. The locks are the real ones: run it plain, under the deadlock detector, under TSan or Helgrind, and compare. under: while
// another lock is held, which is when the order of locks is looked at.
#include <chrono>
#include <cstdio>
#include <cstdlib>
#include <mutex>
#include <string_view>
#include <thread>

int main(int argc, char** argv) {
  if (argc < 3 || (argc == 4 && std::string_view(argv[3]) != "under") || argc > 4) return 2;
  const int chunks = std::atoi(argv[1]), pairs = std::atoi(argv[2]);
  // Once there was a second thread, glibc takes its locks with atomic operations for good: the case that counts.
  std::thread([] {}).join();
  std::mutex outer, mutex;
  std::unique_lock held(outer, std::defer_lock);
  if (argc == 4) held.lock();
  for (int chunk = 0; chunk < chunks; ++chunk) {
    const auto begin = std::chrono::steady_clock::now();
    for (int i = 0; i < pairs; ++i) {
      mutex.lock();
      mutex.unlock();
    }
    const std::chrono::duration<double, std::nano> took = std::chrono::steady_clock::now() - begin;
    std::printf("%.3f\n", took.count() / pairs);
  }
}
