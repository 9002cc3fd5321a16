// A ring in shared memory behind a mutex and two conditions that processes share: what boost::interprocess builds as well. A process
// that dies with the mutex leaves it locked for ever, unless the mutex is robust: then the next one gets it, with the news.
//
//   robust_mutex  the next one is told (EOWNERDEAD), and a watching thread wakes who waits for a condition
//   plain_mutex   neither: who waits for a condition, or for the mutex that died with the other, waits for ever
//
// There are robust mutexes, but no robust pthread conditions: glibc's keep a count of those who are inside, and when a process is killed
// there, the next call of pthread_cond_broadcast by the other waits for it for ever (seen here in 1 of 2,180 rounds). So the robust
// ring has a condition without such a count.
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
  if (error != 0) throw std::system_error(error, std::generic_category(), "cannot make a lock that processes share");
}

/// glibc's, shared by processes.
class PlainCondition {
 public:
  PlainCondition() {
    pthread_condattr_t shared;
    check(pthread_condattr_init(&shared));
    check(pthread_condattr_setpshared(&shared, PTHREAD_PROCESS_SHARED));
    check(pthread_cond_init(&condition_, &shared));
    pthread_condattr_destroy(&shared);
  }
  /// What locking the mutex again says.
  int wait(pthread_mutex_t& mutex) noexcept { return pthread_cond_wait(&condition_, &mutex); }
  void signal() noexcept { pthread_cond_signal(&condition_); }

 private:
  pthread_cond_t condition_{};
};

/// A number that every signal changes: whoever dies, wherever, leaves nothing in it to be waited for. Both functions are called with the
/// mutex. For one waiter at a time. Source: the futex as a sequence counter, as in bionic's conditions.
class RobustCondition {
 public:
  int wait(pthread_mutex_t& mutex) noexcept {
    // relaxed: the number is changed with the mutex only. A signal after the unlock changes it, and the kernel, which compares, does
    // not let us sleep.
    const std::uint32_t heard = signals_.load(std::memory_order_relaxed);
    pthread_mutex_unlock(&mutex);
    // No FUTEX_PRIVATE_FLAG: the other side is another process.
    syscall(SYS_futex, &signals_, FUTEX_WAIT, heard, nullptr, nullptr, 0);
    return pthread_mutex_lock(&mutex);
  }
  void signal() noexcept {
    signals_.fetch_add(1, std::memory_order_relaxed);  // the mutex orders all that the waiter will read
    syscall(SYS_futex, &signals_, FUTEX_WAKE, 1, nullptr, nullptr, 0);
  }

 private:
  std::atomic<std::uint32_t> signals_{0};
  static_assert(std::atomic<std::uint32_t>::is_always_lock_free,
                "a lock of this process's own is of no use to the other");
};

template <class Item, bool kNoticesDeath>
class MutexRing {
  using Condition = std::conditional_t<kNoticesDeath, RobustCondition, PlainCondition>;

  /// In shared memory. Nothing in it is destroyed: whoever died may have left it in use.
  struct State {
    pthread_mutex_t mutex{};
    Condition items, room;
    std::uint64_t head = 0, tail = 0;
    bool owner_died = false;  ///< and with it, in the midst of whatever it did, one side

    State() {
      pthread_mutexattr_t mutex_shared;
      check(pthread_mutexattr_init(&mutex_shared));
      check(pthread_mutexattr_setpshared(&mutex_shared, PTHREAD_PROCESS_SHARED));
      if (kNoticesDeath) check(pthread_mutexattr_setrobust(&mutex_shared, PTHREAD_MUTEX_ROBUST));
      check(pthread_mutex_init(&mutex, &mutex_shared));
      pthread_mutexattr_destroy(&mutex_shared);
    }
    /// What a lock or a wait says. The indices change by one store each, so the ring is whole whenever the owner died.
    void heed(int error) noexcept {
      if (error != EOWNERDEAD) return;
      owner_died = true;
      pthread_mutex_consistent(&mutex);
    }
  };

  class Lock {
   public:
    explicit Lock(State& state) noexcept : state_(state) { state_.heed(pthread_mutex_lock(&state_.mutex)); }
    Lock(const Lock&) = delete;
    Lock& operator=(const Lock&) = delete;
    ~Lock() { pthread_mutex_unlock(&state_.mutex); }
    void wait(Condition& condition) noexcept { state_.heed(condition.wait(state_.mutex)); }

   private:
    State& state_;
  };

 public:
  /// One side. Whether it pushes or pops is up to who has it.
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
  [[nodiscard]] bool watches() const noexcept { return kNoticesDeath && getpid() == maker_; }

  const pid_t maker_ = getpid();
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
