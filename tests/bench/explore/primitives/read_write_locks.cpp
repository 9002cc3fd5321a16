// Recursive read locks with a concurrent writer, and locks that prefer writers.
#include <atomic>
#include <thread>

#include <pthread.h>

#include <racetrack/explore.hpp>

namespace {

class Lock {
 public:
  explicit Lock(int preference) {
    pthread_rwlockattr_t attributes;
    pthread_rwlockattr_init(&attributes);
    pthread_rwlockattr_setkind_np(&attributes, preference);
    pthread_rwlock_init(&lock_, &attributes);
    pthread_rwlockattr_destroy(&attributes);
  }
  ~Lock() { pthread_rwlock_destroy(&lock_); }
  Lock(const Lock&) = delete;
  Lock& operator=(const Lock&) = delete;
  void read() { pthread_rwlock_rdlock(&lock_); }
  bool try_read() { return pthread_rwlock_tryrdlock(&lock_) == 0; }
  void write() { pthread_rwlock_wrlock(&lock_); }
  void unlock() { pthread_rwlock_unlock(&lock_); }

 private:
  pthread_rwlock_t lock_;
};

void read_twice_beside_a_writer(Lock& lock) {
  int word = 0;
  std::thread writer([&] {
    lock.write();
    ++word;
    lock.unlock();
  });
  lock.read();
  const int before = word;
  lock.read();
  lock.unlock();
  racetrack::check(word == before, "no thread writes under a read lock");
  lock.unlock();
  writer.join();
}

}  // namespace

RACETRACK_EXPLORE(reads_twice) {
  Lock lock(PTHREAD_RWLOCK_DEFAULT_NP);
  read_twice_beside_a_writer(lock);
}
RACETRACK_EXPLORE(fault_reads_twice_behind_a_writer_that_goes_first) {
  Lock lock(PTHREAD_RWLOCK_PREFER_WRITER_NONRECURSIVE_NP);
  read_twice_beside_a_writer(lock);
}
// glibc prefers readers with this kind, despite its name.
RACETRACK_EXPLORE(reads_twice_with_the_preference_that_allows_recursion) {
  Lock lock(PTHREAD_RWLOCK_PREFER_WRITER_NP);
  read_twice_beside_a_writer(lock);
}
RACETRACK_EXPLORE(writers_that_go_first_let_readers_in_later) {
  Lock lock(PTHREAD_RWLOCK_PREFER_WRITER_NONRECURSIVE_NP);
  int word = 0;
  const auto write = [&] {
    lock.write();
    ++word;
    lock.unlock();
  };
  std::thread one(write);
  std::thread two(write);
  lock.read();
  racetrack::check(word <= 2, "as many as have written");
  lock.unlock();
  one.join();
  two.join();
  lock.read();
  racetrack::check(word == 2, "both have written");
  lock.unlock();
}
RACETRACK_EXPLORE(fault_unlocks_once_too_often) {
  Lock lock(PTHREAD_RWLOCK_DEFAULT_NP);
  lock.read();
  lock.read();
  lock.unlock();
  lock.unlock();
  lock.unlock();
}
RACETRACK_EXPLORE(fault_destroyed_with_one_of_two_read_locks) {
  Lock lock(PTHREAD_RWLOCK_DEFAULT_NP);
  lock.read();
  lock.read();
  lock.unlock();
}
RACETRACK_EXPLORE(fault_writes_while_it_reads) {
  Lock lock(PTHREAD_RWLOCK_DEFAULT_NP);
  lock.read();
  lock.write();
}
RACETRACK_EXPLORE(tries_to_read_behind_a_writer_that_goes_first) {
  Lock lock(PTHREAD_RWLOCK_PREFER_WRITER_NONRECURSIVE_NP);
  lock.read();
  std::thread writer([&] {
    lock.write();
    lock.unlock();
  });
  if (lock.try_read()) lock.unlock();
  lock.unlock();
  writer.join();
}
