#include "time_bodies.hpp"

#include <atomic>
#include <condition_variable>
#include <cstdlib>
#include <future>
#include <memory>
#include <mutex>
#include <thread>

namespace bodies {
namespace {

using std::chrono::nanoseconds, std::chrono::steady_clock;

struct Shared {
  std::timed_mutex timed;
  std::mutex mutex;
  std::condition_variable changed;
  bool notified = false;
  std::promise<int> promise;
  std::shared_future<int> future = promise.get_future().share();
  std::atomic<unsigned> order{1};
  void write_down(unsigned what) { order = order * 7 + what; }
};

void take_part(Shared& shared, std::uint64_t draw, unsigned who, nanoseconds length) {
  for (int i = 0; i < 3; ++i, draw /= 5) {
    bool in_time = true;
    switch (draw % 5) {
      case 0: {
        std::unique_lock lock(shared.mutex);
        in_time = shared.changed.wait_for(lock, length, [&] { return shared.notified; });
        break;
      }
      case 1: {
        const std::unique_lock lock(shared.timed, length);
        in_time = lock.owns_lock();
        if (in_time) std::this_thread::sleep_for(length);
        break;
      }
      case 2: in_time = shared.future.wait_for(length) == std::future_status::ready; break;
      case 3: std::this_thread::sleep_for(length); break;
      default: {
        const std::lock_guard lock(shared.mutex);
        shared.notified = true;
        shared.changed.notify_one();
      }
    }
    shared.write_down(who * 3 + (in_time ? 1U : 2U));
  }
}

}  // namespace

void waits_as_drawn(std::uint64_t number, nanoseconds length) {
  Shared shared;
  std::thread one([&] { take_part(shared, number % 125, 0, length); });
  std::thread two([&] { take_part(shared, number / 125 % 125, 1, length); });
  shared.promise.set_value(1);
  one.join();
  two.join();
  if (shared.order % 5 == number % 5) std::abort();
}

void abandons_a_request(nanoseconds length) {
  struct Request {
    std::mutex mutex;
    std::condition_variable answered;
    bool answer = false;
  };
  auto request = std::make_unique<Request>();
  std::thread server([raw = request.get()] {
    const std::lock_guard lock(raw->mutex);
    raw->answer = true;
    raw->answered.notify_one();
  });
  {
    std::unique_lock lock(request->mutex);
    request->answered.wait_for(lock, length, [&] { return request->answer; });
  }
  request.reset();
  server.join();
}

void sleeps_less_than_a_step(nanoseconds length) {
  std::atomic<bool> awake{false};
  std::thread other([&] {
    if (awake) std::abort();
  });
  std::this_thread::sleep_for(length);
  awake = true;
  other.join();
}

void sleeps_in_order() {
  std::atomic<bool> short_began{false};
  std::atomic<std::int64_t> short_deadline{0};
  std::thread other([&] {
    short_deadline = (steady_clock::now() + std::chrono::milliseconds(1)).time_since_epoch().count();
    short_began = true;
    std::this_thread::sleep_for(std::chrono::milliseconds(1));
  });
  if (short_began) {
    std::this_thread::sleep_for(std::chrono::seconds(1));
    if (steady_clock::now().time_since_epoch().count() < short_deadline) std::abort();
  }
  other.join();
}

void polls_the_clock() {
  std::thread other([] { std::this_thread::sleep_for(std::chrono::milliseconds(1)); });
  const auto end = steady_clock::now() + std::chrono::hours(1);
  while (steady_clock::now() < end) {
  }
  other.join();
}

void polls_the_clock_and_counts() {
  std::atomic<int> count{0};
  std::thread other([] { std::this_thread::sleep_for(std::chrono::milliseconds(1)); });
  const auto end = steady_clock::now() + std::chrono::hours(1);
  while (steady_clock::now() < end) ++count;
  other.join();
}

namespace {

template <bool kNotifies>
void waits_until_the_latest_time() {
  std::mutex mutex;
  std::condition_variable changed;
  bool done = false;
  std::thread other([&] {
    if constexpr (kNotifies) {
      const std::lock_guard lock(mutex);
      done = true;
      changed.notify_one();
    }
  });
  {
    std::unique_lock lock(mutex);
    if (!changed.wait_until(lock, steady_clock::time_point::max(), [&] { return done; })) std::abort();
  }
  other.join();
}

}  // namespace

void waits_for_ever_and_is_notified() { waits_until_the_latest_time<true>(); }
void waits_for_ever() { waits_until_the_latest_time<false>(); }

void waits_until_long_ago() {
  std::mutex mutex;
  std::condition_variable changed;
  std::unique_lock lock(mutex);
  const bool in_time =
      changed.wait_until(lock, std::chrono::system_clock::time_point(std::chrono::hours(-24)), [] { return false; });
  if (in_time) std::abort();
}

void counts_until_stopped() {
  std::atomic<int> count{0};
  std::atomic<bool> stopped{false};
  const auto counts = [&] {
    while (!stopped) ++count;
  };
  std::thread one(counts), two(counts);
  std::this_thread::sleep_for(std::chrono::seconds(1));
  stopped = true;
  one.join();
  two.join();
}

}  // namespace bodies
