// The header-only parts of <semaphore>, <latch>, <barrier> and <atomic>, as installed.
#include <atomic>
#include <barrier>
#include <latch>
#include <memory>
#include <semaphore>
#include <thread>
#include <vector>

#include <racetrack/explore.hpp>

namespace {

/// Uses the semaphore as a lock, `rounds` times in each thread.
template <class Semaphore>
void guard(int threads, int rounds) {
  Semaphore one(1);
  int count = 0;
  std::vector<std::thread> team;
  for (int i = 0; i < threads; ++i) {
    team.emplace_back([&] {
      for (int round = 0; round < rounds; ++round) {
        one.acquire();
        ++count;
        one.release();
      }
    });
  }
  for (std::thread& thread : team) thread.join();
  racetrack::check(count == threads * rounds, "one is inside at a time");
}

/// Uses the semaphore to admit two threads at a time.
template <class Semaphore>
void share(int threads) {
  Semaphore two(2);
  std::atomic<int> inside = 0;
  std::vector<std::thread> team;
  for (int i = 0; i < threads; ++i) {
    team.emplace_back([&] {
      two.acquire();
      racetrack::check(++inside <= 2, "two are inside at most");
      --inside;
      two.release();
    });
  }
  for (std::thread& thread : team) thread.join();
}

}  // namespace

RACETRACK_EXPLORE(binary_semaphore_2_threads) { guard<std::binary_semaphore>(2, 2); }
RACETRACK_EXPLORE(binary_semaphore_3_threads) { guard<std::binary_semaphore>(3, 1); }
RACETRACK_EXPLORE(counting_semaphore_3_threads) { guard<std::counting_semaphore<>>(3, 1); }
RACETRACK_EXPLORE(counting_semaphore_of_two_3_threads) { share<std::counting_semaphore<2>>(3); }
RACETRACK_EXPLORE(counting_semaphore_of_two_4_threads) { share<std::counting_semaphore<2>>(4); }

RACETRACK_EXPLORE(semaphores_hand_over) {
  std::counting_semaphore<2> room(1), filled(0);
  int cell = 0, sum = 0;
  std::thread producer([&] {
    for (int item = 1; item <= 3; ++item) {
      room.acquire();
      cell = item;
      filled.release();
    }
  });
  for (int item = 1; item <= 3; ++item) {
    filled.acquire();
    sum += cell;
    room.release();
  }
  producer.join();
  racetrack::check(sum == 6, "all items are handed over");
}

RACETRACK_EXPLORE(latch_3_threads) {
  std::latch all(3);
  int a = 0, b = 0;
  std::thread one([&] {
    a = 1;
    all.count_down();
  });
  std::thread two([&] {
    b = 2;
    all.arrive_and_wait();
    racetrack::check(a == 1, "the writes before the latch are visible");
  });
  all.arrive_and_wait();
  racetrack::check(a + b == 3, "the writes before the latch are visible");
  one.join();
  two.join();
}

RACETRACK_EXPLORE(barrier_3_threads_2_phases) {
  int completed = 0;
  std::barrier all(3, [&]() noexcept { ++completed; });
  const auto work = [&] {
    for (int phase = 1; phase <= 2; ++phase) {
      all.arrive_and_wait();
      racetrack::check(completed >= phase, "the phase has been completed");
      all.arrive_and_wait();
    }
  };
  std::thread one(work), two(work);
  work();
  one.join();
  two.join();
  racetrack::check(completed == 4, "four completions");
}

RACETRACK_EXPLORE(atomic_wait_ping_pong) {
  std::atomic<int> turn = 0;
  std::thread other([&] {
    for (int i = 0; i < 2; ++i) {
      turn.wait(0);
      turn = 0;
      turn.notify_one();
    }
  });
  for (int i = 0; i < 2; ++i) {
    turn.wait(1);
    turn = 1;
    turn.notify_one();
  }
  other.join();
}

RACETRACK_EXPLORE(atomic_shared_ptr) {
  std::atomic<std::shared_ptr<int>> current = std::make_shared<int>(1);
  std::thread other([&] { current.store(std::make_shared<int>(2)); });
  const std::shared_ptr<int> mine = current.load();
  racetrack::check(*mine == 1 || *mine == 2, "one of the two");
  other.join();
}
