// Listeners are called while one of them is removed: the loop holds no lock, and the vector changes.
#include <functional>
#include <memory>
#include <mutex>
#include <thread>
#include <vector>

#include <racetrack/explore.hpp>

namespace {
template <bool kCopies>
class Signal {
 public:
  void connect(std::function<void(int)> listener) {
    const std::lock_guard lock(mutex_);
    listeners_.push_back(std::move(listener));
  }
  void emit(int value) {
    if constexpr (kCopies) {
      std::vector<std::function<void(int)>> now;
      {
        const std::lock_guard lock(mutex_);
        now = listeners_;
      }
      for (const auto& listener : now) {
        listener(value);
      }
    } else {
      for (const auto& listener : listeners_) {
        listener(value);
      }
    }
  }

 private:
  std::mutex mutex_;
  std::vector<std::function<void(int)>> listeners_;
};
template <bool kCopies>
void run() {
  Signal<kCopies> signal;
  std::atomic<int> sum = 0;
  signal.connect([&](int value) { sum += value; });
  std::thread joiner([&] { signal.connect([&](int value) { sum += 10 * value; }); });
  signal.emit(1);
  joiner.join();
  racetrack::check(sum == 1 || sum == 11, "called once each");
}
}  // namespace
RACETRACK_EXPLORE(signal_iterates_unlocked) { run<false>(); }
RACETRACK_EXPLORE(signal_iterates_a_copy) { run<true>(); }
// A listener connects another one while emit holds the lock: a self-deadlock.
RACETRACK_EXPLORE(listener_calls_back_under_lock) {
  std::mutex mutex;
  std::vector<std::function<void()>> listeners;
  const auto connect = [&](std::function<void()> listener) {
    const std::lock_guard lock(mutex);
    listeners.push_back(std::move(listener));
  };
  connect([&] { connect([] {}); });
  std::thread emitter([&] {
    const std::lock_guard lock(mutex);
    for (const auto& listener : listeners) {
      listener();
    }
  });
  emitter.join();
}
