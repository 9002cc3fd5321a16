/* Tests in C for test_vocabulary.py. */
#include <racetrack/explore.hpp>

#include <pthread.h>
#include <stdatomic.h>
#include <stddef.h>

static atomic_int count;

static void* add(void* unused) {
  (void)unused;
  atomic_store(&count, atomic_load(&count) + 1);
  return NULL;
}

RACETRACK_EXPLORE(c_loses_an_update) {
  racetrack_explore_name(&count, "the count");
  pthread_t other;
  pthread_create(&other, NULL, add, NULL);
  add(NULL);
  pthread_join(other, NULL);
  RACETRACK_CHECK(atomic_load(&count) == 2, "both are counted");
}

static void* add_at_once(void* unused) {
  racetrack_explore_begin_atomic();
  add(unused);
  racetrack_explore_end_atomic();
  return NULL;
}

RACETRACK_EXPLORE(c_counts_in_atomic_blocks) {
  pthread_t other;
  pthread_create(&other, NULL, add_at_once, NULL);
  add_at_once(NULL);
  pthread_join(other, NULL);
  racetrack_explore_assume(racetrack_explore_choose(2) == 1);
  RACETRACK_CHECK(atomic_load(&count) == 2, "both are counted");
}
