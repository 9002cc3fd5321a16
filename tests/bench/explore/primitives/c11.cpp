// C11 threads: faults and twins.
#include <ctime>
#include <threads.h>

#include <racetrack/explore.hpp>

namespace {

int count = 0;
mtx_t mutex;
mtx_t second_mutex;
cnd_t changed;
tss_t key;
once_flag once = ONCE_FLAG_INIT;
int destroyed = 0;

int add(void*) {
  ++count;
  return 0;
}
int add_locked(void*) {
  mtx_lock(&mutex);
  ++count;
  mtx_unlock(&mutex);
  return 7;
}
template <class Run>
int beside(int (*routine)(void*), Run run) {
  thrd_t other{};
  racetrack::check(thrd_create(&other, routine, nullptr) == thrd_success, "a thread starts");
  run();
  int result = 0;
  racetrack::check(thrd_join(other, &result) == thrd_success, "it ends");
  return result;
}
int lock_crosswise(void*) {
  mtx_lock(&second_mutex);
  mtx_lock(&mutex);
  mtx_unlock(&mutex);
  mtx_unlock(&second_mutex);
  return 0;
}
int set_and_signal(void*) {
  mtx_lock(&mutex);
  count = 1;
  cnd_signal(&changed);
  mtx_unlock(&mutex);
  return 0;
}
int leave_a_value(void*) {
  tss_set(key, &destroyed);
  racetrack::check(tss_get(key) == &destroyed, "it is there");
  call_once(&once, [] { ++count; });
  thrd_exit(3);
}

}  // namespace

RACETRACK_EXPLORE(fault_c11_count_without_a_lock) {
  beside(add, [] { add(nullptr); });
}
RACETRACK_EXPLORE(c11_count_under_a_lock) {
  mtx_init(&mutex, mtx_plain);
  const int result = beside(add_locked, [] { add_locked(nullptr); });
  racetrack::check(count == 2 && result == 7, "both are counted");
  mtx_destroy(&mutex);
}
RACETRACK_EXPLORE(fault_c11_locks_in_opposite_order) {
  mtx_init(&mutex, mtx_plain);
  mtx_init(&second_mutex, mtx_plain);
  beside(lock_crosswise, [] {
    mtx_lock(&mutex);
    mtx_lock(&second_mutex);
    mtx_unlock(&second_mutex);
    mtx_unlock(&mutex);
  });
}
RACETRACK_EXPLORE(fault_c11_sleeps_after_the_signal) {
  mtx_init(&mutex, mtx_plain);
  cnd_init(&changed);
  beside(set_and_signal, [] {
    mtx_lock(&mutex);
    const bool ready = count == 1;
    mtx_unlock(&mutex);
    if (ready) return;
    mtx_lock(&mutex);
    cnd_wait(&changed, &mutex);
    mtx_unlock(&mutex);
  });
}
RACETRACK_EXPLORE(c11_waits_in_a_loop) {
  mtx_init(&mutex, mtx_plain | mtx_timed);
  cnd_init(&changed);
  beside(set_and_signal, [] {
    mtx_lock(&mutex);
    while (count == 0) cnd_wait(&changed, &mutex);
    mtx_unlock(&mutex);
  });
  cnd_destroy(&changed);
  mtx_destroy(&mutex);
}
RACETRACK_EXPLORE(c11_waits_time_out) {
  mtx_init(&mutex, mtx_timed);
  cnd_init(&changed);
  timespec until{};
  timespec_get(&until, TIME_UTC);
  until.tv_sec += 1;
  mtx_lock(&mutex);
  const int waited = cnd_timedwait(&changed, &mutex, &until);
  racetrack::check(waited == thrd_timedout || waited == thrd_success, "no thread signals");
  beside(
      [](void*) {
        racetrack::check(mtx_trylock(&mutex) == thrd_busy, "it is held");
        timespec soon{};
        timespec_get(&soon, TIME_UTC);
        racetrack::check(mtx_timedlock(&mutex, &soon) == thrd_timedout, "and remains held");
        return 0;
      },
      [] {
        const timespec time{1, 0};
        racetrack::check(thrd_sleep(&time, nullptr) == 0, "it sleeps");
        thrd_yield();
      });
  mtx_unlock(&mutex);
}
RACETRACK_EXPLORE(c11_recursive_mutex_and_values_of_threads) {
  mtx_init(&mutex, mtx_plain | mtx_recursive);
  mtx_lock(&mutex);
  mtx_lock(&mutex);
  mtx_unlock(&mutex);
  mtx_unlock(&mutex);
  tss_create(&key, [](void* value) { ++*static_cast<int*>(value); });
  const int result = beside(leave_a_value, [] { call_once(&once, [] { ++count; }); });
  racetrack::check(result == 3 && destroyed == 1 && count == 1, "a value is destroyed, and once is once");
  racetrack::check(thrd_equal(thrd_current(), thrd_current()) != 0, "a thread is itself");
  tss_delete(key);
}
RACETRACK_EXPLORE(fault_c11_mutex_after_destroy) {
  mtx_init(&mutex, mtx_plain);
  mtx_destroy(&mutex);
  mtx_lock(&mutex);
}
