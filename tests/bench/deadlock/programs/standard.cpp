// Programs for the deadlock detector, in standard C++: `standard NAME`. Each fault has a corrected twin.
#include <chrono>
#include <condition_variable>
#include <cstdio>
#include <cstring>
#include <deque>
#include <functional>
#include <future>
#include <latch>
#include <memory>
#include <mutex>
#include <semaphore>
#include <shared_mutex>
#include <thread>
#include <vector>

#include <signal.h>
#include <unistd.h>

namespace {

using namespace std::chrono_literals;

std::mutex a, b, c, gate;
std::shared_mutex shared, other_shared;

void nothing() {}

/// Both threads hold their first lock before either takes its second.
template <class First, class Second>
void both_ways(First first, Second second) {
  std::latch both(2);
  std::thread one([&] { first([&] { both.arrive_and_wait(); }); });
  std::thread two([&] { second([&] { both.arrive_and_wait(); }); });
  one.join();
  two.join();
}

/// Runs the threads one after the other: no deadlock can happen.
template <class First, class Second>
void one_by_one(First first, Second second) {
  std::thread([&] { first(nothing); }).join();
  std::thread([&] { second(nothing); }).join();
}

template <class Between>
void lock_ab(Between between) {
  const std::lock_guard first(a);
  between();
  const std::lock_guard second(b);
}

template <class Between>
void lock_ba(Between between) {
  const std::lock_guard first(b);
  between();
  const std::lock_guard second(a);
}

template <class Between>
void gated_ab(Between between) {
  const std::lock_guard outer(gate);
  lock_ab(between);
}

template <class Between>
void gated_ba(Between between) {
  const std::lock_guard outer(gate);
  lock_ba(between);
}

void philosophers(bool last_is_left_handed) {
  std::mutex forks[3];
  std::latch seated(3);
  std::vector<std::thread> threads;
  for (int i = 0; i < 3; ++i) {
    threads.emplace_back([&, i] {
      std::mutex& left = forks[i];
      std::mutex& right = forks[(i + 1) % 3];
      const bool turned = last_is_left_handed && i == 2;
      if (last_is_left_handed) seated.arrive_and_wait();
      const std::lock_guard first(turned ? right : left);
      if (!last_is_left_handed) seated.arrive_and_wait();
      const std::lock_guard second(turned ? left : right);
    });
  }
  for (std::thread& thread : threads) thread.join();
}

void upgrade() {
  both_ways(
      [](auto between) {
        shared.lock_shared();
        between();
        shared.lock();
      },
      [](auto between) {
        shared.lock_shared();
        between();
        shared.lock();
      });
}

void many_readers() {
  std::latch all(20);
  std::vector<std::thread> threads;
  for (int i = 0; i < 20; ++i) {
    threads.emplace_back([&] {
      {
        const std::shared_lock reading(shared);
        all.arrive_and_wait();
      }
      const std::unique_lock writing(shared);
    });
  }
  for (std::thread& thread : threads) thread.join();
}

template <class Between>
void read_ab(Between between) {
  const std::shared_lock first(shared);
  between();
  const std::shared_lock second(other_shared);
}

template <class Between>
void read_ba(Between between) {
  const std::shared_lock first(other_shared);
  between();
  const std::shared_lock second(shared);
}

template <class Between>
void write_second(Between between) {
  const std::shared_lock first(other_shared);
  between();
  const std::unique_lock second(shared);
}

void join_holding(bool holding) {
  std::unique_lock held(a);
  std::thread worker([] {
    std::this_thread::sleep_for(20ms);
    const std::lock_guard wanted(a);
  });
  if (!holding) held.unlock();
  worker.join();
}

void recursive() {
  std::recursive_mutex mutex;
  const std::lock_guard first(mutex);
  const std::lock_guard second(mutex);
  std::thread contender([&] { std::lock_guard third(mutex); });
  contender.detach();
  std::this_thread::sleep_for(20ms);
}

void try_second() {
  both_ways(
      [](auto between) {
        const std::lock_guard first(a);
        between();
        if (b.try_lock()) b.unlock();
      },
      [](auto between) {
        const std::lock_guard first(b);
        between();
        if (a.try_lock()) a.unlock();
      });
}

void try_one_by_one() {
  one_by_one([](auto between) { lock_ab(between); },
             [](auto) {
               const std::lock_guard first(b);
               if (a.try_lock()) a.unlock();
             });
}

void timed() {
  std::timed_mutex x, y;
  both_ways(
      [&](auto between) {
        const std::lock_guard first(x);
        between();
        if (y.try_lock_for(300ms)) y.unlock();
      },
      [&](auto between) {
        const std::lock_guard first(y);
        between();
        if (x.try_lock_for(400ms)) x.unlock();
      });
}

struct Pair {
  std::mutex first, second;
};

/// New locks in the memory of old ones, taken in the opposite order.
void reused_memory(bool reuse) {
  alignas(Pair) static unsigned char memory[sizeof(Pair)];
  Pair* pair = new (memory) Pair;
  std::thread([&] {
    std::scoped_lock locks{std::adopt_lock, (pair->first.lock(), pair->first), (pair->second.lock(), pair->second)};
  }).join();
  if (reuse) {
    pair->~Pair();
    pair = new (memory) Pair;
  }
  std::thread([&] {
    std::scoped_lock locks{std::adopt_lock, (pair->second.lock(), pair->second), (pair->first.lock(), pair->first)};
  }).join();
}

void reused_stack() {
  const auto in_order = [](bool swapped) {
    std::mutex locks[2];
    std::thread([&] {
      const std::lock_guard first(locks[swapped ? 1 : 0]);
      const std::lock_guard second(locks[swapped ? 0 : 1]);
    }).join();
  };
  in_order(false);
  in_order(true);
}

/// The signal precedes the wait. Unless `ask` is set, the waiter does not check whether it has happened.
void lost_notification(bool ask) {
  std::condition_variable ready;
  bool is_ready = false;
  std::thread waiter([&] {
    std::this_thread::sleep_for(50ms);
    std::unique_lock held(a);
    if (ask) {
      ready.wait(held, [&] { return is_ready; });
    } else {
      ready.wait(held);
    }
  });
  {
    const std::lock_guard held(a);
    is_ready = true;
  }
  ready.notify_one();
  waiter.join();
}

/// A woken waiter needs its mutex back from a thread that waits for another lock of the waiter.
void wait_holding(bool holding) {
  std::condition_variable ready;
  bool is_ready = false, waits = false;
  std::thread waiter([&] {
    std::unique_lock outer(a);
    std::unique_lock held(b);
    if (!holding) outer.unlock();
    waits = true;
    ready.wait(held, [&] { return is_ready; });
  });
  for (bool seen = false; !seen;) {
    std::this_thread::sleep_for(1ms);
    std::lock_guard held(b);
    seen = waits;
  }
  {
    const std::lock_guard held(b);
    is_ready = true;
    ready.notify_one();
    const std::lock_guard outer(a);
  }
  waiter.join();
}

void once_crossed(bool crossed) {
  std::once_flag one, two;
  std::latch both(2);
  std::thread first([&] {
    std::call_once(one, [&] {
      both.arrive_and_wait();
      if (crossed) std::call_once(two, nothing);
    });
  });
  std::thread second([&] {
    std::call_once(two, [&] {
      both.arrive_and_wait();
      if (crossed) std::call_once(one, nothing);
    });
  });
  first.join();
  second.join();
}

void once_throws() {
  std::once_flag flag;
  for (int i = 0; i < 2; ++i) {
    try {
      std::call_once(flag, [] { throw 1; });
    } catch (int) {
    }
  }
  std::call_once(flag, nothing);
  std::thread([&] { std::call_once(flag, nothing); }).join();
}

/// A pool whose tasks wait for tasks of the same pool.
class Pool {
 public:
  explicit Pool(int threads) {
    for (int i = 0; i < threads; ++i) workers_.emplace_back([this] { work(); });
  }
  ~Pool() {
    {
      const std::lock_guard held(mutex_);
      stop_ = true;
    }
    changed_.notify_all();
    for (std::thread& worker : workers_) worker.join();
  }
  std::future<int> submit(std::function<int()> function) {
    std::packaged_task<int()> task(std::move(function));
    std::future<int> result = task.get_future();
    {
      const std::lock_guard held(mutex_);
      tasks_.push_back(std::move(task));
    }
    changed_.notify_one();
    return result;
  }

 private:
  void work() {
    for (;;) {
      std::unique_lock held(mutex_);
      changed_.wait(held, [this] { return stop_ || !tasks_.empty(); });
      if (tasks_.empty()) return;
      std::packaged_task<int()> task = std::move(tasks_.front());
      tasks_.pop_front();
      held.unlock();
      task();
    }
  }
  std::mutex mutex_;
  std::condition_variable changed_;
  std::deque<std::packaged_task<int()>> tasks_;
  bool stop_ = false;
  std::vector<std::thread> workers_;
};

void pool(int threads) {
  Pool workers(threads);
  std::latch both(2);
  const auto task = [&] {
    both.arrive_and_wait();
    return workers.submit([] { return 1; }).get();
  };
  auto first = workers.submit(task), second = workers.submit(task);
  first.get();
  second.get();
}

void semaphores(bool lost) {
  std::binary_semaphore ping(lost ? 0 : 1), pong(0);
  std::thread other([&] {
    for (int i = 0; i < 2000; ++i) {
      ping.acquire();
      pong.release();
    }
  });
  for (int i = 0; i < 2000; ++i) {
    pong.acquire();
    ping.release();
  }
  other.join();
}

void sleeps_holding() {
  std::thread sleeper([] {
    const std::lock_guard held(a);
    std::this_thread::sleep_for(2s);
  });
  std::this_thread::sleep_for(100ms);
  { const std::lock_guard wanted(a); }
  sleeper.join();
}

void thousand_threads(bool stuck) {
  std::latch all(1000);
  std::mutex mutex;
  std::counting_semaphore<> never(0);
  std::vector<std::thread> threads;
  for (int i = 0; i < 1000; ++i) {
    threads.emplace_back([&] {
      all.arrive_and_wait();
      for (int k = 0; k < 10; ++k) {
        const std::lock_guard held(mutex);
      }
      if (stuck) never.acquire();
    });
  }
  for (std::thread& thread : threads) thread.join();
}

void hundred_locks(bool opposite) {
  std::vector<std::mutex> locks(100);
  std::latch both(2);
  std::thread one([&] {
    for (std::mutex& lock : locks) lock.lock();
    both.arrive_and_wait();
    const std::lock_guard last(a);
    for (std::mutex& lock : locks) lock.unlock();
  });
  std::thread two([&] {
    if (!opposite) {
      both.arrive_and_wait();
      return;
    }
    const std::lock_guard held(a);
    both.arrive_and_wait();
    const std::lock_guard wanted(locks[50]);
  });
  one.join();
  two.join();
}

void contention() {
  std::vector<std::thread> threads;
  for (int i = 0; i < 4; ++i) {
    threads.emplace_back([] {
      for (int k = 0; k < 20000; ++k) {
        const std::lock_guard outer(a);
        const std::lock_guard inner(b);
        const std::shared_lock reading(shared);
      }
    });
  }
  for (std::thread& thread : threads) thread.join();
}

/// A wait for a lost notification that a signal handler might end.
void handler_installed() {
  signal(SIGUSR1, [](int) {});
  alarm(1);
  lost_notification(false);
}

struct Program {
  const char* name;
  void (*run)();
};

constexpr Program kPrograms[] = {
    {"opposite", [] { both_ways([](auto f) { lock_ab(f); }, [](auto f) { lock_ba(f); }); }},
    {"opposite_in_turn", [] { one_by_one([](auto f) { lock_ab(f); }, [](auto f) { lock_ba(f); }); }},
    {"same_in_turn", [] { one_by_one([](auto f) { lock_ab(f); }, [](auto f) { lock_ab(f); }); }},
    {"opposite_by_one_thread", [] { lock_ab(nothing), lock_ba(nothing); }},
    {"gated", [] { one_by_one([](auto f) { gated_ab(f); }, [](auto f) { gated_ba(f); }); }},
    {"half_gated", [] { one_by_one([](auto f) { gated_ab(f); }, [](auto f) { lock_ba(f); }); }},
    {"philosophers", [] { philosophers(false); }},
    {"philosophers_left_handed", [] { philosophers(true); }},
    {"upgrade", upgrade},
    {"upgrade_alone", [] { shared.lock_shared(), shared.lock(); }},
    {"many_readers", many_readers},
    {"read_both_ways", [] { one_by_one([](auto f) { read_ab(f); }, [](auto f) { read_ba(f); }); }},
    {"read_and_write", [] { one_by_one([](auto f) { read_ab(f); }, [](auto f) { write_second(f); }); }},
    {"join_holding", [] { join_holding(true); }},
    {"join_free", [] { join_holding(false); }},
    {"self_lock", [] { a.lock(), a.lock(); }},
    {"recursive", recursive},
    {"scoped_lock",
     [] { one_by_one([](auto) { std::scoped_lock both(a, b); }, [](auto) { std::scoped_lock both(b, a); }); }},
    {"try_second", try_second},
    {"try_one_by_one", try_one_by_one},
    {"timed", timed},
    {"reused_memory", [] { reused_memory(true); }},
    {"same_memory", [] { reused_memory(false); }},
    {"reused_stack", reused_stack},
    {"lost_notification", [] { lost_notification(false); }},
    {"kept_notification", [] { lost_notification(true); }},
    {"wait_holding", [] { wait_holding(true); }},
    {"wait_free", [] { wait_holding(false); }},
    {"once_crossed", [] { once_crossed(true); }},
    {"once_free", [] { once_crossed(false); }},
    {"once_throws", once_throws},
    {"pool_starved", [] { pool(2); }},
    {"pool_fed", [] { pool(3); }},
    {"semaphores_lost", [] { semaphores(true); }},
    {"semaphores", [] { semaphores(false); }},
    {"sleeps_holding", sleeps_holding},
    {"thousand_threads", [] { thousand_threads(false); }},
    {"thousand_threads_stuck", [] { thousand_threads(true); }},
    {"hundred_locks", [] { hundred_locks(false); }},
    {"hundred_locks_crossed", [] { hundred_locks(true); }},
    {"contention", contention},
    {"handler_installed", handler_installed},
};

}  // namespace

int main(int argc, char** argv) {
  for (const Program& program : kPrograms) {
    if (argc != 2 || std::strcmp(argv[1], program.name) != 0) continue;
    std::printf("begins\n");
    program.run();
    std::printf("ends\n");
    return 0;
  }
  return 99;
}
