// Futures: a promise that is never set when its thread throws; a promise that two threads set after both checked it.
#include <atomic>
#include <future>
#include <stdexcept>
#include <thread>

#include <racetrack/explore.hpp>

RACETRACK_EXPLORE(promise_answered_twice) {
  std::promise<int> promise;
  std::future<int> future = promise.get_future();
  std::atomic<bool> answered = false;
  const auto answer = [&](int value) {
    if (!answered) {
      answered = true;
      promise.set_value(value);
    }
  };
  std::thread one(answer, 1);
  std::thread two(answer, 2);
  const int got = future.get();
  one.join();
  two.join();
  racetrack::check(got == 1 || got == 2, "one of the answers");
}
RACETRACK_EXPLORE(promise_answered_once) {
  std::promise<int> promise;
  std::future<int> future = promise.get_future();
  std::atomic<bool> answered = false;
  const auto answer = [&](int value) {
    if (!answered.exchange(true)) {
      promise.set_value(value);
    }
  };
  std::thread one(answer, 1);
  std::thread two(answer, 2);
  const int got = future.get();
  one.join();
  two.join();
  racetrack::check(got == 1 || got == 2, "one of the answers");
}
// A detached thread writes into a stack frame that has returned.
RACETRACK_EXPLORE(detached_writes_into_a_gone_object) {
  std::promise<void> done;
  auto result = std::make_unique<int>(0);
  std::thread([&done, raw = result.get()] {
    done.set_value();
    *raw = 5;
  }).detach();
  done.get_future().wait();
  result.reset();
}
RACETRACK_EXPLORE(detached_writes_before_it_says_done) {
  auto done = std::make_shared<std::promise<void>>();
  auto result = std::make_unique<int>(0);
  std::thread([done, raw = result.get()] {
    *raw = 5;
    done->set_value();
  }).detach();
  done->get_future().wait();
  racetrack::check(*result == 5, "written");
  result.reset();
}
// An async task locks the mutex that its waiter holds.
RACETRACK_EXPLORE(waits_for_async_under_its_lock) {
  std::mutex mutex;
  int value = 0;
  auto task = std::async(std::launch::async, [&] {
    const std::lock_guard lock(mutex);
    ++value;
  });
  const std::lock_guard lock(mutex);
  task.wait();
}
RACETRACK_EXPLORE(waits_for_async_without_its_lock) {
  std::mutex mutex;
  int value = 0;
  auto task = std::async(std::launch::async, [&] {
    const std::lock_guard lock(mutex);
    ++value;
  });
  task.wait();
  const std::lock_guard lock(mutex);
  racetrack::check(value == 1, "done");
}
