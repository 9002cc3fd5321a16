// Threads that end by pthread_exit or are cancelled: their stack is unwound, and their handlers run.
#include <atomic>
#include <condition_variable>
#include <ctime>
#include <mutex>
#include <thread>

#include <pthread.h>
#include <semaphore.h>
#include <unistd.h>

#include <racetrack/explore.hpp>

#include "cancellation.h"

namespace {

pthread_mutex_t mutex = PTHREAD_MUTEX_INITIALIZER;
pthread_cond_t changed = PTHREAD_COND_INITIALIZER;
sem_t permits;
std::atomic<int> destroyed = 0;
int count = 0;

struct Counted {
  ~Counted() { ++destroyed; }
};

pthread_t start(void* (*routine)(void*)) {
  pthread_t thread{};
  racetrack::check(pthread_create(&thread, nullptr, routine, nullptr) == 0, "a thread starts");
  return thread;
}
bool is_cancelled(pthread_t thread) {
  void* result = nullptr;
  racetrack::check(pthread_join(thread, &result) == 0, "it ends");
  return result == PTHREAD_CANCELED;
}

void unlock(void*) { pthread_mutex_unlock(&mutex); }

template <bool kUnlocks>
void* wait_for_a_signal(void*) {
  const Counted object;
  pthread_mutex_lock(&mutex);
  if constexpr (kUnlocks) {
    pthread_cleanup_push(unlock, nullptr);
    while (count == 0) pthread_cond_wait(&changed, &mutex);
    pthread_cleanup_pop(1);
  } else {
    while (count == 0) pthread_cond_wait(&changed, &mutex);
    pthread_mutex_unlock(&mutex);
  }
  return nullptr;
}

template <bool kUnlocks>
void cancel_a_waiter() {
  const pthread_t waiter = start(wait_for_a_signal<kUnlocks>);
  racetrack::check(pthread_cancel(waiter) == 0, "it is asked to end");
  racetrack::check(is_cancelled(waiter) && destroyed == 1, "its stack is unwound");
  pthread_mutex_lock(&mutex);
  pthread_mutex_unlock(&mutex);
}

[[noreturn]] void leave_from_deep(int depth) {
  const Counted object;
  if (depth == 0) pthread_exit(&count);
  leave_from_deep(depth - 1);
}

}  // namespace

RACETRACK_EXPLORE(thread_exit_unwinds_the_stack) {
  const pthread_t thread = start([](void*) -> void* { leave_from_deep(3); });
  void* result = nullptr;
  pthread_join(thread, &result);
  racetrack::check(result == &count && destroyed == 4, "all objects are destroyed");
}
RACETRACK_EXPLORE(thread_exit_passes_handlers_that_rethrow) {
  std::thread([] {
    try {
      leave_from_deep(0);
    } catch (...) {
      ++destroyed;
      throw;
    }
  }).join();
  racetrack::check(destroyed == 2, "the handler runs");
}
RACETRACK_EXPLORE(fault_thread_exit_is_swallowed) {
  std::thread([] {
    try {
      leave_from_deep(0);
    } catch (...) {
    }
  }).join();
}
RACETRACK_EXPLORE(main_thread_exits_before_others) {
  std::thread([] { ++count; }).detach();
  pthread_exit(nullptr);
}
RACETRACK_EXPLORE(cancelled_waiter_unlocks) { cancel_a_waiter<true>(); }
RACETRACK_EXPLORE(fault_cancelled_waiter_keeps_its_mutex) { cancel_a_waiter<false>(); }
RACETRACK_EXPLORE(cancelled_where_it_waits) {
  sem_init(&permits, 0, 0);
  const pthread_t taker = start([](void*) -> void* {
    const Counted object;
    sem_wait(&permits);
    return nullptr;
  });
  const pthread_t sleeper = start([](void*) -> void* {
    const Counted object;
    for (;;) sleep(1000);
  });
  pthread_cancel(taker);
  pthread_cancel(sleeper);
  racetrack::check(is_cancelled(taker) && is_cancelled(sleeper) && destroyed == 2, "both are cancelled");
  sem_destroy(&permits);
}
RACETRACK_EXPLORE(cancelled_while_it_joins) {
  static pthread_t other;
  other = start([](void*) -> void* {
    pthread_testcancel();
    return nullptr;
  });
  const pthread_t joiner = start([](void*) -> void* {
    pthread_join(other, nullptr);
    return &count;
  });
  pthread_cancel(joiner);
  if (is_cancelled(joiner)) pthread_join(other, nullptr);
}
RACETRACK_EXPLORE(cancellation_can_be_disabled) {
  const pthread_t thread = start([](void*) -> void* {
    int before = 0;
    pthread_setcancelstate(PTHREAD_CANCEL_DISABLE, &before);
    racetrack::check(before == PTHREAD_CANCEL_ENABLE, "enabled at first");
    ++count;
    usleep(1);
    pthread_testcancel();
    ++count;
    pthread_setcancelstate(PTHREAD_CANCEL_ENABLE, nullptr);
    pthread_testcancel();
    return nullptr;
  });
  pthread_cancel(thread);
  is_cancelled(thread);
  racetrack::check(count == 2, "it is not cancelled in between");
}
// The result shows whether the request comes before the last cancellation point.
RACETRACK_EXPLORE(fault_relies_on_being_cancelled_in_time) {
  const pthread_t thread = start([](void*) -> void* {
    pthread_testcancel();
    ++count;
    return nullptr;
  });
  pthread_cancel(thread);
  is_cancelled(thread);
  racetrack::check(count == 0, "it is cancelled before it counts");
}
RACETRACK_EXPLORE(standard_waits_are_left_in_order) {
  static std::mutex guard;
  static std::condition_variable ready;
  std::thread waiter([] {
    std::unique_lock lock(guard);
    ready.wait(lock, [] { return count != 0; });
  });
  pthread_cancel(waiter.native_handle());
  waiter.join();
  const std::lock_guard lock(guard);
}
RACETRACK_EXPLORE(handlers_of_c_code_run) {
  const pthread_t thread = start([](void*) -> void* {
    const Counted object;
    wait_with_two_handlers();
    return nullptr;
  });
  pthread_cancel(thread);
  racetrack::check(is_cancelled(thread) && handlers_run() == 21 && destroyed == 1, "the inner handler, then the outer");
}
