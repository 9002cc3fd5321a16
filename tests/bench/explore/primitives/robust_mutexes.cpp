// Mutexes whose owner ends: robust ones return EOWNERDEAD to the next owner, others remain locked.
#include <cerrno>
#include <thread>

#include <pthread.h>

#include <racetrack/explore.hpp>

namespace {

class Mutex {
 public:
  Mutex(int robustness, int type) {
    pthread_mutexattr_t attributes;
    pthread_mutexattr_init(&attributes);
    pthread_mutexattr_setrobust(&attributes, robustness);
    pthread_mutexattr_settype(&attributes, type);
    pthread_mutex_init(&mutex_, &attributes);
    pthread_mutexattr_destroy(&attributes);
  }
  ~Mutex() { pthread_mutex_destroy(&mutex_); }
  Mutex(const Mutex&) = delete;
  Mutex& operator=(const Mutex&) = delete;
  pthread_mutex_t* get() { return &mutex_; }

 private:
  pthread_mutex_t mutex_;
};

}  // namespace

RACETRACK_EXPLORE(owner_ends_and_the_next_repairs) {
  Mutex mutex(PTHREAD_MUTEX_ROBUST, PTHREAD_MUTEX_NORMAL);
  int word = 0;
  std::thread first([&] {
    pthread_mutex_lock(mutex.get());
    ++word;
  });
  const int error = pthread_mutex_lock(mutex.get());
  racetrack::check((error == EOWNERDEAD) == (word == 1) && (error == 0) == (word == 0), "whether the owner has ended");
  if (error == EOWNERDEAD) {
    racetrack::check(pthread_mutex_consistent(mutex.get()) == 0, "it is repaired");
    racetrack::check(pthread_mutex_consistent(mutex.get()) == EINVAL, "once is enough");
    pthread_mutex_unlock(mutex.get());
    racetrack::check(pthread_mutex_lock(mutex.get()) == 0, "and as before");
  }
  pthread_mutex_unlock(mutex.get());
  first.join();
  if (pthread_mutex_lock(mutex.get()) == EOWNERDEAD) pthread_mutex_consistent(mutex.get());
  pthread_mutex_unlock(mutex.get());
}
RACETRACK_EXPLORE(owner_ends_and_nobody_repairs) {
  Mutex mutex(PTHREAD_MUTEX_ROBUST, PTHREAD_MUTEX_ERRORCHECK);
  std::thread([&] { pthread_mutex_lock(mutex.get()); }).join();
  racetrack::check(pthread_mutex_trylock(mutex.get()) == EOWNERDEAD, "the owner has ended");
  racetrack::check(pthread_mutex_lock(mutex.get()) == EDEADLK, "it is held");
  std::thread waiter([&] {
    racetrack::check(pthread_mutex_lock(mutex.get()) == ENOTRECOVERABLE, "a waiter learns that it cannot be repaired");
  });
  racetrack::check(pthread_mutex_unlock(mutex.get()) == 0, "unlocked without a repair");
  racetrack::check(pthread_mutex_trylock(mutex.get()) == ENOTRECOVERABLE, "no thread can lock it");
  waiter.join();
}
RACETRACK_EXPLORE(fault_owner_ends_and_the_next_ignores_it) {
  Mutex mutex(PTHREAD_MUTEX_ROBUST, PTHREAD_MUTEX_NORMAL);
  int word = 0;
  std::thread([&] {
    pthread_mutex_lock(mutex.get());
    ++word;
  }).join();
  for (int turn = 0; turn < 2; ++turn) {
    const int error = pthread_mutex_lock(mutex.get());
    racetrack::check(error == 0 || error == EOWNERDEAD, "it can be locked");
    pthread_mutex_unlock(mutex.get());
  }
}
RACETRACK_EXPLORE(fault_owner_of_a_mutex_that_is_not_robust_ends) {
  Mutex mutex(PTHREAD_MUTEX_STALLED, PTHREAD_MUTEX_NORMAL);
  std::thread([&] { pthread_mutex_lock(mutex.get()); }).join();
  pthread_mutex_lock(mutex.get());
}
RACETRACK_EXPLORE(kinds_of_mutexes_answer_as_they_must) {
  Mutex recursive(PTHREAD_MUTEX_STALLED, PTHREAD_MUTEX_RECURSIVE);
  pthread_mutex_lock(recursive.get());
  racetrack::check(pthread_mutex_lock(recursive.get()) == 0 && pthread_mutex_trylock(recursive.get()) == 0, "again");
  for (int turn = 0; turn < 3; ++turn) pthread_mutex_unlock(recursive.get());
  racetrack::check(pthread_mutex_unlock(recursive.get()) == EPERM, "it is unlocked");
  Mutex checking(PTHREAD_MUTEX_STALLED, PTHREAD_MUTEX_ERRORCHECK);
  racetrack::check(pthread_mutex_unlock(checking.get()) == EPERM, "it is not locked");
  pthread_mutex_lock(checking.get());
  racetrack::check(pthread_mutex_lock(checking.get()) == EDEADLK, "it would wait for itself");
  racetrack::check(pthread_mutex_trylock(checking.get()) == EBUSY, "it is locked");
  std::thread([&] { racetrack::check(pthread_mutex_unlock(checking.get()) == EPERM, "by another"); }).join();
  pthread_mutex_unlock(checking.get());
}
