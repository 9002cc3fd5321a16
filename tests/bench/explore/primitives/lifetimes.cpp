// pthread objects that are used before their initialisation, after their destruction, as another kind, or at an address
// without an object.
#include <array>
#include <atomic>
#include <condition_variable>
#include <cstdint>
#include <cstring>
#include <mutex>
#include <shared_mutex>
#include <thread>
#include <type_traits>
#include <variant>

#include <pthread.h>
#include <semaphore.h>

#include <racetrack/explore.hpp>

namespace {

/// Memory for an object, with bytes left by another one.
template <class Object>
class Leftover {
 public:
  Leftover() { std::memset(const_cast<std::remove_volatile_t<Object>*>(&memory_), 0x5a, sizeof memory_); }
  Object* get() { return &memory_; }

 private:
  Object memory_;
};

/// A pointer whose value the compiler cannot know.
template <class Object>
Object* pointer_to(std::uintptr_t address) {
  static std::atomic<std::uintptr_t> unknown;
  unknown.store(address, std::memory_order_relaxed);
  return reinterpret_cast<Object*>(unknown.load(std::memory_order_relaxed));
}

template <bool kFaulty>
void condition_is_destroyed_by_the_one_that_waited() {
  pthread_mutex_t mutex = PTHREAD_MUTEX_INITIALIZER;
  pthread_cond_t done;
  pthread_cond_init(&done, nullptr);
  bool is_done = false;
  std::thread worker([&] {
    pthread_mutex_lock(&mutex);
    is_done = true;
    if (!kFaulty) pthread_cond_signal(&done);
    pthread_mutex_unlock(&mutex);
    if (kFaulty) pthread_cond_signal(&done);
  });
  pthread_mutex_lock(&mutex);
  while (!is_done) pthread_cond_wait(&done, &mutex);  // NOLINT(bugprone-infinite-loop): the worker sets it
  pthread_mutex_unlock(&mutex);
  if (kFaulty) pthread_cond_destroy(&done);
  worker.join();
  if (!kFaulty) pthread_cond_destroy(&done);
}

pthread_mutex_t static_mutex = PTHREAD_MUTEX_INITIALIZER;
pthread_mutex_t zero_mutex;
pthread_cond_t static_condition = PTHREAD_COND_INITIALIZER;
pthread_rwlock_t static_lock = PTHREAD_RWLOCK_INITIALIZER;
pthread_once_t static_flag = PTHREAD_ONCE_INIT;
sem_t static_semaphore;
pthread_spinlock_t static_spin_lock;
pthread_barrier_t static_barrier;

/// Runs before main, when no execution runs yet.
const bool initialised = sem_init(&static_semaphore, 0, 0) == 0 &&
                         pthread_spin_init(&static_spin_lock, PTHREAD_PROCESS_PRIVATE) == 0 &&
                         pthread_barrier_init(&static_barrier, nullptr, 2) == 0;

void lock_and_unlock(pthread_mutex_t& mutex) {
  pthread_mutex_lock(&mutex);
  pthread_mutex_unlock(&mutex);
}

/// Each call has a new mutex, which is not destroyed.
[[gnu::noinline]] void use_a_mutex_of_the_frame() {
  pthread_mutex_t mutex;
  pthread_mutex_init(&mutex, nullptr);
  lock_and_unlock(mutex);
}
[[gnu::noinline]] void use_a_condition_of_the_frame() {
  std::array<pthread_cond_t, 2> conditions{};
  for (pthread_cond_t& condition : conditions) {
    pthread_cond_init(&condition, nullptr);
    pthread_cond_signal(&condition);
  }
}

}  // namespace

// Destroyed.
RACETRACK_EXPLORE(fault_mutex_locked_after_destroy) {
  pthread_mutex_t mutex;
  pthread_mutex_init(&mutex, nullptr);
  pthread_mutex_destroy(&mutex);
  pthread_mutex_lock(&mutex);
}
RACETRACK_EXPLORE(fault_mutex_destroyed_twice) {
  pthread_mutex_t mutex = PTHREAD_MUTEX_INITIALIZER;
  pthread_mutex_destroy(&mutex);
  pthread_mutex_destroy(&mutex);
}
RACETRACK_EXPLORE(fault_condition_signalled_after_destroy) { condition_is_destroyed_by_the_one_that_waited<true>(); }
RACETRACK_EXPLORE(condition_destroyed_after_the_last_signal) { condition_is_destroyed_by_the_one_that_waited<false>(); }
RACETRACK_EXPLORE(fault_semaphore_posted_after_destroy) {
  sem_t semaphore;
  sem_init(&semaphore, 0, 0);
  std::thread poster([&] {
    sem_post(&semaphore);
    sem_post(&semaphore);
  });
  sem_wait(&semaphore);
  sem_destroy(&semaphore);
  poster.join();
}
RACETRACK_EXPLORE(semaphore_destroyed_after_the_last_post) {
  sem_t semaphore;
  sem_init(&semaphore, 0, 0);
  std::thread poster([&] { sem_post(&semaphore); });
  sem_wait(&semaphore);
  poster.join();
  sem_destroy(&semaphore);
}
RACETRACK_EXPLORE(fault_rwlock_read_locked_after_destroy) {
  pthread_rwlock_destroy(&static_lock);
  pthread_rwlock_rdlock(&static_lock);
}
RACETRACK_EXPLORE(fault_barrier_waited_at_after_destroy) {
  pthread_barrier_t barrier;
  pthread_barrier_init(&barrier, nullptr, 1);
  pthread_barrier_wait(&barrier);
  pthread_barrier_destroy(&barrier);
  pthread_barrier_wait(&barrier);
}
RACETRACK_EXPLORE(fault_spin_lock_locked_after_destroy) {
  pthread_spinlock_t lock;
  pthread_spin_init(&lock, PTHREAD_PROCESS_PRIVATE);
  pthread_spin_destroy(&lock);
  pthread_spin_lock(&lock);
}
RACETRACK_EXPLORE(fault_condition_destroyed_with_a_waiter) {
  pthread_mutex_t mutex = PTHREAD_MUTEX_INITIALIZER;
  pthread_cond_t condition = PTHREAD_COND_INITIALIZER;
  std::atomic<bool> waits = false;
  std::thread waiter([&] {
    pthread_mutex_lock(&mutex);
    waits = true;
    pthread_cond_wait(&condition, &mutex);
    pthread_mutex_unlock(&mutex);
  });
  while (!waits) std::this_thread::yield();
  lock_and_unlock(mutex);
  pthread_cond_destroy(&condition);
  waiter.join();
}
// POSIX allows it once all waiters are woken, even before they run.
RACETRACK_EXPLORE(condition_destroyed_right_after_broadcast) {
  pthread_mutex_t mutex = PTHREAD_MUTEX_INITIALIZER;
  pthread_cond_t condition = PTHREAD_COND_INITIALIZER;
  bool waits = false;
  bool woken = false;
  std::thread waiter([&] {
    pthread_mutex_lock(&mutex);
    waits = true;
    while (!woken) pthread_cond_wait(&condition, &mutex);
    pthread_mutex_unlock(&mutex);
  });
  for (bool ready = false; !ready;) {
    pthread_mutex_lock(&mutex);
    if (waits) {
      ready = woken = true;
      pthread_cond_broadcast(&condition);
      pthread_cond_destroy(&condition);
    }
    pthread_mutex_unlock(&mutex);
    std::this_thread::yield();
  }
  waiter.join();
}
RACETRACK_EXPLORE(barrier_destroyed_by_the_last_that_arrives) {
  pthread_barrier_t barrier;
  pthread_barrier_init(&barrier, nullptr, 2);
  int word = 0;
  const auto arrive = [&] {
    if (pthread_barrier_wait(&barrier) != 0) pthread_barrier_destroy(&barrier);
  };
  std::thread other([&] {
    word = 1;
    arrive();
  });
  arrive();
  racetrack::check(word == 1, "the write before the barrier is visible after it");
  other.join();
}
RACETRACK_EXPLORE(each_is_initialised_again_after_destroy) {
  for (int turn = 0; turn < 2; ++turn) {
    pthread_mutex_init(&static_mutex, nullptr);
    lock_and_unlock(static_mutex);
    pthread_mutex_destroy(&static_mutex);
    pthread_cond_init(&static_condition, nullptr);
    pthread_cond_signal(&static_condition);
    pthread_cond_destroy(&static_condition);
    pthread_rwlock_init(&static_lock, nullptr);
    pthread_rwlock_wrlock(&static_lock);
    pthread_rwlock_unlock(&static_lock);
    pthread_rwlock_destroy(&static_lock);
    sem_destroy(&static_semaphore);
    sem_init(&static_semaphore, 0, 1);
    sem_wait(&static_semaphore);
  }
  static_mutex = PTHREAD_MUTEX_INITIALIZER;  // an initialisation as well
  lock_and_unlock(static_mutex);
}

// Not initialised.
RACETRACK_EXPLORE(fault_mutex_never_initialised) { pthread_mutex_lock(Leftover<pthread_mutex_t>().get()); }
RACETRACK_EXPLORE(fault_mutex_never_initialised_on_the_stack) {
  std::thread([] {
    pthread_mutex_t mutex;
    pthread_mutex_lock(&mutex);
    pthread_mutex_unlock(&mutex);
  }).join();
}
RACETRACK_EXPLORE(fault_condition_never_initialised_on_the_stack) {
  pthread_cond_t condition;
  pthread_cond_signal(&condition);
}
RACETRACK_EXPLORE(fault_rwlock_never_initialised_on_the_stack) {
  pthread_rwlock_t lock;
  pthread_rwlock_rdlock(&lock);
}
RACETRACK_EXPLORE(fault_mutex_destroyed_uninitialised) { pthread_mutex_destroy(Leftover<pthread_mutex_t>().get()); }
RACETRACK_EXPLORE(fault_condition_never_initialised) { pthread_cond_signal(Leftover<pthread_cond_t>().get()); }
RACETRACK_EXPLORE(fault_rwlock_never_initialised) { pthread_rwlock_wrlock(Leftover<pthread_rwlock_t>().get()); }
RACETRACK_EXPLORE(fault_barrier_never_initialised) { pthread_barrier_wait(Leftover<pthread_barrier_t>().get()); }
RACETRACK_EXPLORE(fault_semaphore_never_initialised) { sem_post(Leftover<sem_t>().get()); }
RACETRACK_EXPLORE(fault_zero_semaphore_never_initialised) {
  static sem_t semaphore;
  sem_post(&semaphore);
}
RACETRACK_EXPLORE(fault_spin_lock_never_initialised) { pthread_spin_lock(Leftover<pthread_spinlock_t>().get()); }
RACETRACK_EXPLORE(fault_once_flag_never_initialised) {
  pthread_once(Leftover<pthread_once_t>().get(), [] {});
}
RACETRACK_EXPLORE(statically_initialised_objects_need_no_call) {
  lock_and_unlock(static_mutex);
  lock_and_unlock(zero_mutex);
  pthread_mutex_t recursive = PTHREAD_RECURSIVE_MUTEX_INITIALIZER_NP;
  pthread_mutex_lock(&recursive);
  lock_and_unlock(recursive);
  pthread_mutex_unlock(&recursive);
  pthread_cond_signal(&static_condition);
  pthread_rwlock_rdlock(&static_lock);
  pthread_rwlock_unlock(&static_lock);
  pthread_once(&static_flag, [] {});
}
RACETRACK_EXPLORE(objects_initialised_before_main_are_known) {
  std::thread other([] {
    sem_post(&static_semaphore);
    pthread_barrier_wait(&static_barrier);
  });
  sem_wait(&static_semaphore);
  pthread_spin_lock(&static_spin_lock);
  pthread_spin_unlock(&static_spin_lock);
  pthread_barrier_wait(&static_barrier);
  other.join();
}

// Initialised twice.
RACETRACK_EXPLORE(fault_mutex_initialised_twice) {
  pthread_mutex_t mutex;
  pthread_mutex_init(&mutex, nullptr);
  pthread_mutex_init(&mutex, nullptr);
}
RACETRACK_EXPLORE(fault_mutex_initialised_while_held) {
  std::atomic<bool> held = false;
  std::thread holder([&] {
    pthread_mutex_lock(&static_mutex);
    held = true;
    std::this_thread::yield();
    pthread_mutex_unlock(&static_mutex);
  });
  while (!held) std::this_thread::yield();
  pthread_mutex_init(&static_mutex, nullptr);
  holder.join();
}
RACETRACK_EXPLORE(fault_two_threads_initialise_one_semaphore) {
  static sem_t semaphore;
  std::thread other([] { sem_init(&semaphore, 0, 1); });
  sem_init(&semaphore, 0, 1);
  other.join();
}
RACETRACK_EXPLORE(fault_barrier_initialised_while_a_thread_waits) {
  static pthread_barrier_t barrier;
  pthread_barrier_init(&barrier, nullptr, 2);
  std::thread other([] { pthread_barrier_wait(&barrier); });
  pthread_barrier_init(&barrier, nullptr, 2);
  pthread_barrier_wait(&barrier);
  other.join();
}
RACETRACK_EXPLORE(variables_of_frames_at_the_same_address_are_different_objects) {
  for (int turn = 0; turn < 3; ++turn) {
    use_a_mutex_of_the_frame();
    use_a_condition_of_the_frame();
    pthread_mutex_t of_this_turn;
    pthread_mutex_init(&of_this_turn, nullptr);
    lock_and_unlock(of_this_turn);
  }
}
RACETRACK_EXPLORE(blocks_at_the_same_address_are_different_objects) {
  for (int turn = 0; turn < 3; ++turn) {
    auto* const mutex = new pthread_mutex_t;
    pthread_mutex_init(mutex, nullptr);
    pthread_mutex_lock(mutex);
    pthread_mutex_unlock(mutex);
    delete mutex;
    auto* const condition = new pthread_cond_t;
    pthread_cond_init(condition, nullptr);
    pthread_cond_signal(condition);
    delete condition;
  }
}

// Of another kind.
RACETRACK_EXPLORE(fault_mutex_used_as_condition) {
  pthread_mutex_lock(&static_mutex);
  pthread_cond_signal(reinterpret_cast<pthread_cond_t*>(&static_mutex));
}
RACETRACK_EXPLORE(kinds_that_follow_each_other_in_one_place) {
  std::variant<std::mutex, std::condition_variable, std::shared_mutex> place;
  std::get<std::mutex>(place).lock();
  std::get<std::mutex>(place).unlock();
  place.emplace<std::condition_variable>().notify_all();
  auto& shared = place.emplace<std::shared_mutex>();
  shared.lock_shared();
  shared.unlock_shared();
  place.emplace<std::mutex>().lock();
  std::get<std::mutex>(place).unlock();
}

// Not an object's address.
RACETRACK_EXPLORE(fault_null_mutex) { pthread_mutex_lock(pointer_to<pthread_mutex_t>(0)); }
RACETRACK_EXPLORE(fault_null_condition) { pthread_cond_broadcast(pointer_to<pthread_cond_t>(8)); }
RACETRACK_EXPLORE(fault_null_semaphore_destroyed) { sem_destroy(pointer_to<sem_t>(0)); }
RACETRACK_EXPLORE(fault_null_barrier_initialised) {
  pthread_barrier_init(pointer_to<pthread_barrier_t>(0), nullptr, 1);
}
RACETRACK_EXPLORE(fault_wild_mutex) { pthread_mutex_lock(pointer_to<pthread_mutex_t>(0x5555)); }
RACETRACK_EXPLORE(fault_wild_spin_lock) { pthread_spin_lock(pointer_to<pthread_spinlock_t>(0xdeadbeefdeadbee0)); }
RACETRACK_EXPLORE(fault_wild_rwlock) { pthread_rwlock_unlock(pointer_to<pthread_rwlock_t>(0x100000f00000)); }

// Against the rules of the calls.
RACETRACK_EXPLORE(fault_spin_lock_unlocked_by_another) {
  pthread_spin_lock(&static_spin_lock);
  std::thread([] { pthread_spin_unlock(&static_spin_lock); }).join();
}
RACETRACK_EXPLORE(fault_spin_lock_unlocked_twice) {
  pthread_spin_lock(&static_spin_lock);
  pthread_spin_unlock(&static_spin_lock);
  pthread_spin_unlock(&static_spin_lock);
}
RACETRACK_EXPLORE(fault_spin_lock_locked_twice) {
  pthread_spin_lock(&static_spin_lock);
  pthread_spin_lock(&static_spin_lock);
}
RACETRACK_EXPLORE(fault_semaphore_with_too_much) {
  sem_t semaphore;
  sem_init(&semaphore, 0, 1U + SEM_VALUE_MAX);
}
RACETRACK_EXPLORE(fault_semaphore_overflows) {
  sem_t semaphore;
  sem_init(&semaphore, 0, SEM_VALUE_MAX);
  sem_post(&semaphore);
}
RACETRACK_EXPLORE(semaphore_at_its_limit) {
  sem_t semaphore;
  sem_init(&semaphore, 0, SEM_VALUE_MAX);
  sem_wait(&semaphore);
  sem_post(&semaphore);
  sem_destroy(&semaphore);
}
RACETRACK_EXPLORE(fault_barrier_for_no_thread) {
  pthread_barrier_t barrier;
  pthread_barrier_init(&barrier, nullptr, 0);
}
RACETRACK_EXPLORE(fault_condition_with_two_mutexes) {
  pthread_mutex_t other_mutex = PTHREAD_MUTEX_INITIALIZER;
  std::thread other([&] {
    pthread_mutex_lock(&other_mutex);
    pthread_cond_wait(&static_condition, &other_mutex);
    pthread_mutex_unlock(&other_mutex);
  });
  pthread_mutex_lock(&static_mutex);
  pthread_cond_wait(&static_condition, &static_mutex);
  pthread_mutex_unlock(&static_mutex);
  other.join();
}
RACETRACK_EXPLORE(fault_condition_with_a_mutex_that_is_not_held) {
  pthread_cond_wait(&static_condition, &static_mutex);
}
