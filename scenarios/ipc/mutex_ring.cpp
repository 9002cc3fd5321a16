// A ring in shared memory behind a mutex and two condition variables that processes share, as boost::interprocess
// builds them. A process that dies while it holds the mutex leaves it locked permanently, unless the mutex is robust:
// then the next locker gets it, with an error code.
//
//   robust_mutex  the next locker gets EOWNERDEAD, and a watching thread wakes the waiters
//   plain_mutex   has neither: a thread that waits for a condition, or for the dead owner's mutex, waits without end
//
// Robust mutexes exist, but no robust pthread condition variables. glibc's count the threads inside. When a process is
// killed there, the other process's next call of pthread_cond_broadcast waits without end for the dead thread to leave
// (seen here in 1 of 2,180 rounds). So the robust ring uses a condition variable without such a count.
#include <atomic>
#include <cerrno>
#include <cstddef>
#include <cstdint>
#include <optional>
#include <system_error>
#include <type_traits>
#include <utility>

#include <linux/futex.h>
#include <pthread.h>
#include <sys/syscall.h>
#include <unistd.h>

#include <racetrack/ipc.hpp>
#include <racetrack/plugin.hpp>
#include <racetrack/shared_memory.hpp>

#include "life_line.hpp"

namespace {

void check(int error) {
  if (error != 0) throw std::system_error(error, std::generic_category(), "cannot create a lock that processes share");
}

/// glibc's condition variable, shared by processes.
class PlainCondition {
 public:
  PlainCondition() {
    pthread_condattr_t shared;
    check(pthread_condattr_init(&shared));
    check(pthread_condattr_setpshared(&shared, PTHREAD_PROCESS_SHARED));
    check(pthread_cond_init(&condition_, &shared));
    pthread_condattr_destroy(&shared);
  }
  /// Returns the error code of locking the mutex again.
  int wait(pthread_mutex_t& mutex) noexcept { return pthread_cond_wait(&condition_, &mutex); }
  void signal() noexcept { pthread_cond_signal(&condition_); }

 private:
  pthread_cond_t condition_{};
};

/// A number that every signal changes. A process that dies, at any point, leaves no state that others must wait for.
/// Call both functions with the mutex held. One waiter at a time. Source: the futex as a sequence counter, as in
/// bionic's condition variables.
class RobustCondition {
 public:
  int wait(pthread_mutex_t& mutex) noexcept {
    // relaxed: the number changes only while the mutex is held. A signal after the unlock changes it; the kernel
    // compares the number and does not sleep.
    const std::uint32_t heard = signals_.load(std::memory_order_relaxed);
    pthread_mutex_unlock(&mutex);
    // No FUTEX_PRIVATE_FLAG: the other side is another process.
    syscall(SYS_futex, &signals_, FUTEX_WAIT, heard, nullptr, nullptr, 0);
    return pthread_mutex_lock(&mutex);
  }
  void signal() noexcept {
    signals_.fetch_add(1, std::memory_order_relaxed);  // relaxed: the mutex orders the data that the waiter reads
    syscall(SYS_futex, &signals_, FUTEX_WAKE, 1, nullptr, nullptr, 0);
  }

 private:
  std::atomic<std::uint32_t> signals_{0};
  static_assert(std::atomic<std::uint32_t>::is_always_lock_free,
                "a process-local lock cannot synchronise two processes");
};

template <class Item, bool kNoticesDeath>
class MutexRing {
  using Condition = std::conditional_t<kNoticesDeath, RobustCondition, PlainCondition>;

  /// In shared memory. Never destroyed, because a process that died may have left it in use.
  struct State {
    pthread_mutex_t mutex{};
    Condition items, room;
    std::uint64_t head = 0, tail = 0;
    bool owner_died = false;  ///< one side died while it held the mutex

    State() {
      pthread_mutexattr_t mutex_shared;
      check(pthread_mutexattr_init(&mutex_shared));
      check(pthread_mutexattr_setpshared(&mutex_shared, PTHREAD_PROCESS_SHARED));
      if (kNoticesDeath) check(pthread_mutexattr_setrobust(&mutex_shared, PTHREAD_MUTEX_ROBUST));
      check(pthread_mutex_init(&mutex, &mutex_shared));
      pthread_mutexattr_destroy(&mutex_shared);
    }
    /// Handles the result of a lock or a wait. Each index changes by one store, so the ring is consistent wherever the
    /// owner died.
    void handle_result(int error) noexcept {
      if (error != EOWNERDEAD) return;
      owner_died = true;
      pthread_mutex_consistent(&mutex);
    }
  };

  class Lock {
   public:
    explicit Lock(State& state) noexcept : state_(state) { state_.handle_result(pthread_mutex_lock(&state_.mutex)); }
    Lock(const Lock&) = delete;
    Lock& operator=(const Lock&) = delete;
    ~Lock() { pthread_mutex_unlock(&state_.mutex); }
    void wait(Condition& condition) noexcept { state_.handle_result(condition.wait(state_.mutex)); }

   private:
    State& state_;
  };

 public:
  /// One side of the ring, used either to push or to pop.
  class End {
   public:
    End(MutexRing& ring, LifeLine line) : ring_(ring), line_(std::move(line)) {
      if (!ring.watches()) return;
      watch_.emplace(line_, [this] {
        Lock lock(state());
        other_gone_ = true;
        state().items.signal();
        state().room.signal();
      });
    }
    End(const End&) = delete;
    End& operator=(const End&) = delete;

    bool push(const Item& item) {
      Lock lock(state());
      while (state().tail - state().head == ring_.capacity_ && !gone()) lock.wait(state().room);
      if (gone()) return false;
      ring_.slots_[state().tail % ring_.capacity_] = item;
      ++state().tail;
      state().items.signal();
      return true;
    }
    bool pop(Item& item) {
      Lock lock(state());
      while (state().tail == state().head && !gone()) lock.wait(state().items);
      if (state().tail == state().head) return false;
      item = ring_.slots_[state().head % ring_.capacity_];
      ++state().head;
      state().room.signal();
      return true;
    }

   private:
    [[nodiscard]] State& state() const noexcept { return *ring_.state_; }
    [[nodiscard]] bool gone() const noexcept { return other_gone_ || state().owner_died; }

    MutexRing& ring_;
    LifeLine line_;
    bool other_gone_ = false;  ///< guarded by the mutex
    std::optional<DeathWatch> watch_;
  };

  explicit MutexRing(std::size_t capacity) : capacity_(capacity), slots_(capacity) {}
  End producer() { return End(*this, lines_.producers()); }
  End consumer() { return End(*this, lines_.consumers()); }

 private:
  /// See FutexRing.
  [[nodiscard]] bool watches() const noexcept { return kNoticesDeath && getpid() == creator_; }

  const pid_t creator_ = getpid();
  const std::size_t capacity_;
  racetrack::Shared<State> state_;
  racetrack::Shared<Item> slots_;
  LifeLines lines_;
};

template <class Item>
using Robust = MutexRing<Item, true>;
template <class Item>
using Plain = MutexRing<Item, false>;

}  // namespace

RACETRACK_PLUGIN(registry) {
  using namespace racetrack;
  registry.add<ipc::Family, Robust>("robust_mutex", {.library = "glibc", .kernel = false, .in_default_sweep = false});
  registry.add<ipc::Control, Plain>("plain_mutex", {.library = "glibc", .notices_death = false, .kernel = false},
                                    ipc::expect_unnoticed_death(), Standing::control);
}
