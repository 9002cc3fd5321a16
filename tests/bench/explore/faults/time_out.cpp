// A request that its sender abandons after a time-out: the server must not write to it after that.
#include <chrono>
#include <condition_variable>
#include <memory>
#include <mutex>
#include <optional>
#include <thread>

#include <racetrack/explore.hpp>

namespace {
struct Request {
  std::mutex mutex;
  std::condition_variable answered;
  std::optional<int> answer;
};
std::optional<int> wait_for_answer(Request& request) {
  std::unique_lock lock(request.mutex);
  request.answered.wait_for(lock, std::chrono::nanoseconds(500), [&] { return request.answer.has_value(); });
  return request.answer;
}
void reply(Request& request) {
  const std::lock_guard lock(request.mutex);
  request.answer = 3;
  request.answered.notify_one();
}
}  // namespace
RACETRACK_EXPLORE(request_freed_after_500_ns) {
  auto request = std::make_unique<Request>();
  std::thread server([raw = request.get()] { reply(*raw); });
  const auto answer = wait_for_answer(*request);
  request.reset();
  racetrack::check(!answer || *answer == 3, "the answer or none");
  server.join();
}
RACETRACK_EXPLORE(request_shared_with_server) {
  auto request = std::make_shared<Request>();
  std::thread server([request] { reply(*request); });
  const auto answer = wait_for_answer(*request);
  request.reset();
  racetrack::check(!answer || *answer == 3, "the answer or none");
  server.join();
}
// The same with a time-out of 5 ms, as users write it.
RACETRACK_EXPLORE(request_freed_after_5_ms) {
  auto request = std::make_unique<Request>();
  std::thread server([raw = request.get()] { reply(*raw); });
  std::optional<int> answer;
  {
    std::unique_lock lock(request->mutex);
    request->answered.wait_for(lock, std::chrono::milliseconds(5), [&] { return request->answer.has_value(); });
    answer = request->answer;
  }
  request.reset();
  server.join();
}
// Unlocks a mutex although try_lock_for has failed.
RACETRACK_EXPLORE(unlocks_after_failed_try_lock_for) {
  std::timed_mutex mutex;
  int value = 0;
  const auto add = [&] {
    if (mutex.try_lock_for(std::chrono::nanoseconds(300))) {
      ++value;
    }
    mutex.unlock();
  };
  std::thread other(add);
  add();
  other.join();
}
RACETRACK_EXPLORE(unlocks_what_it_locked) {
  std::timed_mutex mutex;
  int value = 0;
  const auto add = [&] {
    const std::unique_lock lock(mutex, std::chrono::nanoseconds(300));
    if (lock.owns_lock()) {
      ++value;
    }
  };
  std::thread other(add);
  add();
  other.join();
}
