// A completion event on the waiter's stack or heap: the setter must not access it once the waiter may continue.
#include <condition_variable>
#include <memory>
#include <mutex>
#include <thread>

#include <racetrack/explore.hpp>

namespace {
template <bool kInsideLock>
struct Completion {
  std::mutex mutex;
  std::condition_variable done;
  bool ready = false;
  int value = 0;

  void complete(int result) {
    std::unique_lock lock(mutex);
    value = result;
    ready = true;
    if constexpr (kInsideLock) {
      done.notify_one();
    } else {
      lock.unlock();
      done.notify_one();
    }
  }
  int wait() {
    std::unique_lock lock(mutex);
    done.wait(lock, [&] { return ready; });
    return value;
  }
};

template <bool kInsideLock>
void run() {
  auto completion = std::make_unique<Completion<kInsideLock>>();
  std::thread worker([raw = completion.get()] { raw->complete(42); });
  racetrack::check(completion->wait() == 42, "the result is the worker's");
  completion.reset();
  worker.join();
}
}  // namespace
RACETRACK_EXPLORE(notify_after_unlock) { run<false>(); }
RACETRACK_EXPLORE(notify_under_lock) { run<true>(); }
