#include "bodies.hpp"

#include <atomic>
#include <cerrno>
#include <chrono>
#include <condition_variable>
#include <cstdlib>
#include <cstring>
#include <deque>
#include <exception>
#include <future>
#include <latch>
#include <memory>
#include <mutex>
#include <new>
#include <semaphore>
#include <shared_mutex>
#include <stdexcept>
#include <thread>
#include <utility>

#include <linux/futex.h>
#include <pthread.h>
#include <semaphore.h>
#include <sys/syscall.h>
#include <unistd.h>

#include <racetrack/explore_hooks.hpp>

namespace bodies {
namespace {

/// Runs one() in a second thread, and two() in this one.
template <class One, class Two>
void both(One one, Two two) {
  std::thread other(one);
  two();
  other.join();
}

template <bool kLocked>
void increments() {
  int count = 0;
  std::mutex mutex;
  const auto add = [&] {
    if constexpr (kLocked) {
      const std::lock_guard lock(mutex);
      ++count;
    } else {
      ++count;
    }
  };
  both(add, add);
}

template <std::memory_order kStore, std::memory_order kLoad>
void publishes() {
  int data = 0;
  std::atomic<bool> ready{false};
  both([&] { data = 1, ready.store(true, kStore); },
       [&] {
         if (ready.load(kLoad) && data != 1) std::abort();
       });
}

template <bool kFences>
void publishes_by_fences() {
  int data = 0;
  std::atomic<bool> ready{false};
  both(
      [&] {
        data = 1;
        if constexpr (kFences) std::atomic_thread_fence(std::memory_order_release);
        ready.store(true, std::memory_order_relaxed);
      },
      [&] {
        if (!ready.load(std::memory_order_relaxed)) return;
        if constexpr (kFences) std::atomic_thread_fence(std::memory_order_acquire);
        if (data != 1) std::abort();
      });
}

template <bool kSameOrder>
void two_locks() {
  std::mutex a, b;
  both(
      [&] {
        const std::lock_guard first(a);
        const std::lock_guard second(b);
      },
      [&] {
        const std::lock_guard first(kSameOrder ? a : b);
        const std::lock_guard second(kSameOrder ? b : a);
      });
}

template <bool kTries>
void upgrade() {
  std::shared_mutex mutex;
  const auto work = [&] {
    mutex.lock_shared();
    if constexpr (kTries) {
      mutex.unlock_shared();
      mutex.lock();
    } else {
      mutex.lock();  // while it reads
      mutex.unlock_shared();
    }
    mutex.unlock();
  };
  both(work, work);
}

template <bool kUnderLock>
void flag_and_condition() {
  std::mutex mutex;
  std::condition_variable changed;
  std::atomic<bool> done{false};
  both(
      [&] {
        if constexpr (kUnderLock) {
          const std::lock_guard lock(mutex);
          done = true;
        } else {
          done = true;
        }
        changed.notify_one();
      },
      [&] {
        std::unique_lock lock(mutex);
        while (!done) changed.wait(lock);
      });
}

template <bool kWhile>
void waits_if() {
  std::mutex mutex;
  std::condition_variable filled;
  std::deque<int> items;
  const auto consume = [&] {
    std::unique_lock lock(mutex);
    if constexpr (kWhile) {
      while (items.empty()) filled.wait(lock);
    } else {
      if (items.empty()) filled.wait(lock);
    }
    if (items.empty()) std::abort();
    items.pop_front();
  };
  std::thread one(consume), two(consume);
  for (int i = 0; i < 2; ++i) {
    const std::lock_guard lock(mutex);
    items.push_back(i);
    filled.notify_all();
  }
  one.join();
  two.join();
}

template <bool kNotifies>
void atomic_wait() {
  std::atomic<int> state{0};
  both(
      [&] {
        state.store(1);
        if constexpr (kNotifies) state.notify_one();
      },
      [&] { state.wait(0); });
}

template <bool kAfterJoin>
void frees() {
  auto* const value = new int(7);
  std::thread reader([value] {
    if (*value != 7) std::abort();
  });
  if constexpr (kAfterJoin) reader.join();
  delete value;
  if constexpr (!kAfterJoin) reader.join();
}

template <bool kExchanges>
void frees_once() {
  std::atomic<int*> shared{new int(1)};
  const auto drop = [&] {
    if constexpr (kExchanges) {
      delete shared.exchange(nullptr);
    } else {
      int* const mine = shared.load();
      if (mine == nullptr) return;
      shared.store(nullptr);
      delete mine;
    }
  };
  both(drop, drop);
}

template <bool kOwner>
void unlocks() {
  std::mutex mutex;
  mutex.lock();
  std::thread other([&] {
    if constexpr (!kOwner) mutex.unlock();
  });
  other.join();
  if constexpr (kOwner) mutex.unlock();
}

template <bool kCatches>
void throws_out_of_a_thread() {
  std::thread([] {
    try {
      throw std::runtime_error("x");
    } catch (const std::runtime_error&) {
      if constexpr (!kCatches) throw;
    }
  }).join();
}

template <bool kJoins>
void leaves_a_thread() {
  struct State {
    std::mutex mutex;
    std::condition_variable wake;
    bool woken = false;
  };
  const auto state = std::make_shared<State>();
  std::thread sleeper([state] {
    std::unique_lock lock(state->mutex);
    state->wake.wait(lock, [&] { return state->woken; });
  });
  if constexpr (kJoins) {
    {
      const std::lock_guard lock(state->mutex);
      state->woken = true;
    }
    state->wake.notify_all();
    sleeper.join();
  } else {
    sleeper.detach();
  }
}

template <bool kStops>
void spins() {
  std::atomic<bool> stop{false};
  both([&] { stop = kStops; },
       [&] {
         while (!stop) {
         }
       });
}

/// std::counting_semaphore of libstdc++ 12 loses wakeups (GCC bug 104928): a thread that has read 0 before it spins may
/// sleep on 1, and a release from 0 to 1 wakes no other thread.
void counts_std_semaphore() {
  std::counting_semaphore<2> free_seats(1);
  const auto sit = [&] {
    free_seats.acquire();
    free_seats.release();
  };
  both(sit, sit);
}

template <bool kReleases>
void counts_semaphore() {
  sem_t free_seats;
  sem_init(&free_seats, 0, 1);
  const auto sit = [&] {
    sem_wait(&free_seats);
    if constexpr (kReleases) sem_post(&free_seats);
  };
  both(sit, sit);
  sem_destroy(&free_seats);
}

template <int kWaiters>
void barrier_for_two() {
  pthread_barrier_t barrier;
  pthread_barrier_init(&barrier, nullptr, kWaiters);
  both([&] { pthread_barrier_wait(&barrier); }, [&] { pthread_barrier_wait(&barrier); });
  pthread_barrier_destroy(&barrier);
}

template <bool kAtomically>
void checks_then_acts() {
  std::atomic<int> tickets{1}, sold{0};
  const auto buy = [&] {
    if constexpr (kAtomically) {
      int left = tickets.load();
      while (left > 0 && !tickets.compare_exchange_weak(left, left - 1)) {
      }
      if (left > 0) ++sold;
    } else if (tickets.load() > 0) {
      --tickets;
      ++sold;
    }
  };
  both(buy, buy);
  if (sold > 1) std::abort();
}

int global_count = 0;
thread_local int own_count = 0;

void finds_a_fresh_world() {
  static int calls = 0;
  if (++calls != 1 || ++global_count != 1 || ++own_count != 1) std::abort();
  std::thread([] {
    if (++own_count != 1) std::abort();
  }).join();
}

void shares_an_exception() {
  std::exception_ptr error = std::make_exception_ptr(std::runtime_error("shared"));
  const auto look = [](std::exception_ptr mine) {
    try {
      std::rethrow_exception(std::move(mine));
    } catch (const std::runtime_error& caught) {
      if (*caught.what() != 's') std::abort();
    }
  };
  std::thread one(look, error);
  std::thread other(look, std::move(error));
  one.join();
  other.join();
}

void initialises_a_static_once() {
  const auto use = [] {
    static const std::unique_ptr<int> once = std::make_unique<int>(3);
    if (*once != 3) std::abort();
  };
  both(use, use);
}

/// A waiter that assumes that a time-out of an hour never fires, or one that does not.
template <bool kWaitsAgain>
void waits_for_a_sleeper() {
  std::mutex mutex;
  std::condition_variable changed;
  bool done = false;
  both(
      [&] {
        std::this_thread::sleep_for(std::chrono::seconds(1));
        const std::lock_guard lock(mutex);
        done = true;
        changed.notify_one();
      },
      [&] {
        std::unique_lock lock(mutex);
        while (!changed.wait_for(lock, std::chrono::hours(1), [&] { return done; })) {
          if constexpr (!kWaitsAgain) std::abort();
        }
      });
}

void posts_a_semaphore() {
  sem_t semaphore;
  sem_init(&semaphore, 0, 0);
  int data = 0;
  both([&] { data = 1, sem_post(&semaphore); },
       [&] {
         sem_wait(&semaphore);
         if (data != 1) std::abort();
       });
  sem_destroy(&semaphore);
}

void keeps_a_promise() {
  std::promise<int> promise;
  auto future = promise.get_future();
  both([&] { promise.set_value(5); },
       [&] {
         if (future.get() != 5) std::abort();
       });
}

void meets_at_a_latch() {
  std::latch latch(2);
  int data = 0;
  both([&] { data = 1, latch.count_down(); },
       [&] {
         latch.arrive_and_wait();
         if (data != 1) std::abort();
       });
}

void shares_a_pointer() {
  auto shared = std::make_shared<int>(5);
  std::thread other([copy = shared] {
    if (*copy != 5) std::abort();
  });
  shared.reset();
  other.join();
}

// Results of the latest execution, in memory that the explorer does not restore: the tests' own executable.
std::uint32_t order = 0;
std::array<int, 2> read_values{};

void write_down(unsigned who) {
  const racetrack::Unwatched unwatched;
  order = order << 1U | who;
}

}  // namespace

template <unsigned kOperations>
void two_counters() {
  order = 0;
  std::atomic<int> count{0};
  const auto add = [&](unsigned who) {
    for (unsigned i = 0; i < kOperations; ++i) {
      count.fetch_add(1, std::memory_order_relaxed);
      write_down(who);
    }
  };
  std::thread one([&] { add(0); }), two([&] { add(1); });
  one.join();
  two.join();
}
template void two_counters<1>();
template void two_counters<2>();
template void two_counters<3>();

std::uint32_t order_of_operations() { return order; }
std::array<int, 2> values_read() { return read_values; }

void store_buffering() {
  std::atomic<int> x{0}, y{0};
  int a = 0, b = 0;
  both([&] { x = 1, a = y; }, [&] { y = 1, b = x; });
  const racetrack::Unwatched unwatched;
  read_values = {a, b};
}

void message_passing() {
  std::atomic<int> x{0}, y{0};
  int a = 0, b = 0;
  both([&] { x = 1, y = 1; }, [&] { a = y, b = x; });
  const racetrack::Unwatched unwatched;
  read_values = {a, b};
}

void load_buffering() {
  std::atomic<int> x{0}, y{0};
  int a = 0, b = 0;
  both([&] { a = x, y = 1; }, [&] { b = y, x = 1; });
  const racetrack::Unwatched unwatched;
  read_values = {a, b};
}

namespace {

std::uint64_t state_at_the_end = 0;

void end_in(std::uint64_t state) {
  const racetrack::Unwatched unwatched;
  state_at_the_end = state;
}

/// Threads that allocate no heap memory, so that their steps depend on each other only by their own accesses.
template <std::size_t kThreads, class Work>
void in_plain_threads(Work& work) {
  struct Start {
    Work* work;
    std::size_t index;
  };
  std::array<Start, kThreads> starts;
  std::array<pthread_t, kThreads> threads;
  for (std::size_t i = 0; i < kThreads; ++i) {
    starts[i] = {&work, i};
    pthread_create(
        &threads[i], nullptr,
        [](void* at) -> void* {
          const Start& start = *static_cast<Start*>(at);
          (*start.work)(start.index);
          return nullptr;
        },
        &starts[i]);
  }
  for (const pthread_t thread : threads) pthread_join(thread, nullptr);
}

}  // namespace

std::uint64_t end_state() { return state_at_the_end; }

void independent_writers() {
  std::array<std::atomic<int>, 3> own{};
  auto work = [&](std::size_t i) {
    own[i] = 1;
    ++own[i];
  };
  in_plain_threads<3>(work);
  end_in(static_cast<std::uint64_t>(own[0] + 4 * own[1] + 16 * own[2]));
}

void readers() {
  std::atomic<int> shared{7};
  std::atomic<int> sum{0};
  auto work = [&](std::size_t) {
    if (shared.load() + shared.load() != 14) std::abort();
  };
  in_plain_threads<3>(work);
  end_in(static_cast<std::uint64_t>(sum));
}

void two_lockers() {
  order = 0;
  std::mutex mutex;
  auto work = [&](std::size_t i) {
    for (int round = 0; round < 2; ++round) {
      const std::lock_guard lock(mutex);
      write_down(static_cast<unsigned>(i));
    }
  };
  in_plain_threads<2>(work);
  end_in(order);
}

void few_dependences() {
  std::atomic<int> shared{0}, one{0}, other{0};
  std::array<int, 2> seen{};
  auto work = [&](std::size_t i) {
    if (i == 0) {
      shared = 1;
      shared = 2;
    } else {
      (i == 1 ? one : other) = 1;
      seen[i - 1] = shared;
      (i == 1 ? one : other) = 2;
    }
  };
  in_plain_threads<3>(work);
  end_in(static_cast<std::uint64_t>(seen[0] + 4 * seen[1]));
}

void tries_to_write() {
  std::shared_mutex mutex;
  bool wrote = false, seen = false;
  auto work = [&](std::size_t i) {
    if (i == 0) {
      const std::shared_lock lock(mutex);
      seen = wrote;
    } else {
      const std::unique_lock lock(mutex, std::try_to_lock);
      if (lock.owns_lock()) wrote = true;
    }
  };
  in_plain_threads<2>(work);
  end_in((wrote ? 1U : 0U) + (seen ? 2U : 0U));
}

void peterson() {
  order = 0;
  std::array<std::atomic<bool>, 2> wants{};
  std::atomic<std::size_t> turn{0};
  auto work = [&](std::size_t i) {
    wants[i] = true;
    turn = 1 - i;
    while (wants[1 - i] && turn == 1 - i) {
    }
    write_down(static_cast<unsigned>(i));
    wants[i] = false;
  };
  in_plain_threads<2>(work);
  end_in(order);
}

void exchanges_nodes() {
  std::atomic<int*> shared{nullptr};
  std::array<int, 2> found{};
  auto work = [&](std::size_t i) {
    const int* const before = shared.exchange(new int(static_cast<int>(i) + 1));
    if (before != nullptr) found[i] = *before;
    delete before;
  };
  in_plain_threads<2>(work);
  end_in(static_cast<std::uint64_t>(found[0] + 4 * found[1] + 16 * *shared));
  delete shared.load();
}

void everything() {
  finds_a_fresh_world();
  waits_if<true>();
  waits_for_a_sleeper<true>();
  keeps_a_promise();
  shares_a_pointer();
  throws_out_of_a_thread<true>();
}

const std::vector<Body>& all() {
  constexpr auto kRelaxed = std::memory_order_relaxed, kRelease = std::memory_order_release,
                 kAcquire = std::memory_order_acquire;
  static const std::vector<Body> bodies{
      {"unlocked_increments", increments<false>, "race"},
      {"locked_increments", increments<true>, nullptr},
      {"publishes_relaxed", publishes<kRelaxed, kRelaxed>, "race"},
      {"publishes_release_relaxed", publishes<kRelease, kRelaxed>, "race"},
      {"publishes_release_acquire", publishes<kRelease, kAcquire>, nullptr},
      {"publishes_without_fences", publishes_by_fences<false>, "race"},
      {"publishes_by_fences", publishes_by_fences<true>, nullptr},
      {"opposite_locks", two_locks<false>, "deadlock"},
      {"ordered_locks", two_locks<true>, nullptr},
      {"upgrades_shared_lock", upgrade<false>, "deadlock"},
      {"gives_shared_lock_back", upgrade<true>, nullptr},
      {"flag_set_without_lock", flag_and_condition<false>, "lost_wakeup"},
      {"flag_set_under_lock", flag_and_condition<true>, nullptr},
      {"waits_if_empty", waits_if<false>, "crash"},
      {"waits_while_empty", waits_if<true>, nullptr},
      {"atomic_without_notify", atomic_wait<false>, "lost_wakeup"},
      {"atomic_with_notify", atomic_wait<true>, nullptr},
      {"frees_too_early", frees<false>, "use_after_free"},
      {"frees_after_join", frees<true>, nullptr},
      {"frees_twice", frees_once<false>, "double_free"},
      {"frees_once", frees_once<true>, nullptr},
      {"unlocks_anothers", unlocks<false>, "misuse"},
      {"unlocks_own", unlocks<true>, nullptr},
      {"throws_out_of_a_thread", throws_out_of_a_thread<false>, "crash"},
      {"catches_in_the_thread", throws_out_of_a_thread<true>, nullptr},
      {"leaves_a_detached_thread", leaves_a_thread<false>, nullptr},
      {"joins_its_thread", leaves_a_thread<true>, nullptr},
      {"spins_without_end", spins<false>, "hang"},
      {"spins_until_set", spins<true>, nullptr},
      {"semaphore_not_released", counts_semaphore<false>, "lost_wakeup"},
      {"semaphore_released", counts_semaphore<true>, nullptr},
      {"semaphore_of_the_standard_library", counts_std_semaphore, "lost_wakeup"},
      {"barrier_of_three_for_two", barrier_for_two<3>, "lost_wakeup"},
      {"barrier_of_two_for_two", barrier_for_two<2>, nullptr},
      {"checks_then_acts", checks_then_acts<false>, "crash"},
      {"acts_atomically", checks_then_acts<true>, nullptr},
      {"finds_a_fresh_world", finds_a_fresh_world, nullptr},
      {"shares_an_exception", shares_an_exception, nullptr},
      {"initialises_a_static_once", initialises_a_static_once, nullptr},
      {"gives_up_after_an_hour", waits_for_a_sleeper<false>, "crash"},
      {"waits_again_after_an_hour", waits_for_a_sleeper<true>, nullptr},
      {"posts_a_semaphore", posts_a_semaphore, nullptr},
      {"keeps_a_promise", keeps_a_promise, nullptr},
      {"meets_at_a_latch", meets_at_a_latch, nullptr},
      {"shares_a_pointer", shares_a_pointer, nullptr},
  };
  return bodies;
}

namespace {

template <std::memory_order kStore, std::memory_order kLoad>
void sends_a_message() {
  std::atomic<int> data{0}, ready{0};
  both([&] { data.store(1, std::memory_order_relaxed), ready.store(1, kStore); },
       [&] {
         if (ready.load(kLoad) == 1 && data.load(std::memory_order_relaxed) != 1) std::abort();
       });
}

template <std::memory_order kStore, std::memory_order kLoad>
void enters_when_nobody_else_wants() {
  std::array<std::atomic<bool>, 2> wants{};
  std::array<bool, 2> enters{};
  const auto work = [&](std::size_t i) {
    wants[i].store(true, kStore);
    enters[i] = !wants[1 - i].load(kLoad);
  };
  both([&] { work(0); }, [&] { work(1); });
  if (enters[0] && enters[1]) std::abort();
}

/// A new object in the same memory has no state of the previous one.
template <class Make>
void makes_two(Make make) {
  for (int first : {1, 5}) {
    const auto object = make(first);
    both([&] { object->store(first + 1, std::memory_order_relaxed); },
         [&] {
           const int found = object->load(std::memory_order_relaxed);
           if (found != first && found != first + 1) std::abort();
         });
  }
}
void makes_two_on_the_heap() {
  makes_two([](int first) { return std::make_unique<std::atomic<int>>(first); });
}
void makes_two_in_place() {
  alignas(std::atomic<int>) std::array<unsigned char, sizeof(std::atomic<int>)> memory;
  makes_two([&](int first) { return new (memory.data()) std::atomic<int>(first); });
}
/// Half of a word is written plainly, while no other thread reads it.
void makes_two_halves() {
  alignas(8) std::array<std::uint32_t, 2> halves{};
  for (std::uint32_t first : {1U, 5U}) {
    halves[0] = first;
    both([&] { std::atomic_ref(halves[0]).store(first + 1, std::memory_order_relaxed); },
         [&] {
           const std::uint32_t found = std::atomic_ref(halves[0]).load(std::memory_order_relaxed);
           if (found != first && found != first + 1) std::abort();
           std::atomic_ref(halves[1]).fetch_add(1, std::memory_order_relaxed);
         });
  }
  if (halves[1] != 2) std::abort();
}

/// One reads both halves of a word at once, which others write one by one.
void reads_two_at_once() {
  alignas(8) std::array<std::uint32_t, 2> halves{};
  both([&] { std::atomic_ref(halves[0]).store(1, std::memory_order_release); },
       [&] {
         auto& whole = *reinterpret_cast<std::uint64_t*>(halves.data());
         const std::uint64_t found = std::atomic_ref(whole).load(std::memory_order_acquire);
         if (found == 1 && std::atomic_ref(halves[0]).load(std::memory_order_relaxed) != 1) std::abort();
       });
}

/// A block of memory with the content of its previous owner.
void gets_the_block_of_another() {
  struct Block {  // of a size that no other allocation has
    std::atomic<int> value;
    std::array<char, 200> more;
  };
  both(
      [] {
        auto* const mine = new Block{1, {}};
        mine->value.store(2, std::memory_order_relaxed);
        delete mine;
      },
      [] {
        std::this_thread::yield();  // allocations are not steps
        auto* const mine = new Block{2, {}};
        if (mine->value.load(std::memory_order_relaxed) != 2) std::abort();
        delete mine;
      });
}

/// After a futex operation of the kernel has read a value, its thread reads it as well.
void looks_after_the_kernel() {
  std::atomic<int> state{0};
  both([&] { state.store(1, std::memory_order_relaxed); },
       [&] {
         const timespec moment{0, 1000};
         const bool differs = syscall(SYS_futex, &state, FUTEX_WAIT_PRIVATE, 0, &moment) != 0 && errno == EAGAIN;
         if (differs && state.load(std::memory_order_relaxed) != 1) std::abort();
       });
}

void waits_for_a_relaxed_store() {
  std::atomic<int> state{0};
  both(
      [&] {
        state.store(1, std::memory_order_relaxed);
        state.notify_one();
      },
      [&] { state.wait(0, std::memory_order_relaxed); });
}

}  // namespace

void spins_until_set_relaxed() {
  std::atomic<bool> stop{false};
  both([&] { stop.store(true, std::memory_order_relaxed); },
       [&] {
         while (!stop.load(std::memory_order_relaxed)) {
         }
       });
}

const std::vector<Body>& weak() {
  constexpr auto kRelaxed = std::memory_order_relaxed, kRelease = std::memory_order_release,
                 kAcquire = std::memory_order_acquire, kSeqCst = std::memory_order_seq_cst;
  static const std::vector<Body> bodies{
      {"message_relaxed", sends_a_message<kRelaxed, kRelaxed>, "crash"},
      {"message_without_acquire", sends_a_message<kRelease, kRelaxed>, "crash"},
      {"message_without_release", sends_a_message<kRelaxed, kAcquire>, "crash"},
      {"message", sends_a_message<kRelease, kAcquire>, nullptr},
      {"entry_released", enters_when_nobody_else_wants<kRelease, kAcquire>, "crash"},
      {"entry", enters_when_nobody_else_wants<kSeqCst, kSeqCst>, nullptr},
      {"makes_two_on_the_heap", makes_two_on_the_heap, nullptr},
      {"makes_two_in_place", makes_two_in_place, nullptr},
      {"makes_two_halves", makes_two_halves, nullptr},
      {"reads_two_at_once", reads_two_at_once, nullptr},
      {"gets_the_block_of_another", gets_the_block_of_another, nullptr},
      {"looks_after_the_kernel", looks_after_the_kernel, nullptr},
      {"waits_for_a_relaxed_store", waits_for_a_relaxed_store, nullptr},
      {"spins_until_set_relaxed", spins_until_set_relaxed, nullptr},
  };
  return bodies;
}

}  // namespace bodies
