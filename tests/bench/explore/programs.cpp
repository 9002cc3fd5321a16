// A program of tests for test_exploration.py: as a user writes them, faults beside corrected twins, and what cannot be explored.
#include <racetrack/explore.hpp>

#include <atomic>
#include <csetjmp>
#include <csignal>
#include <cstdlib>
#include <mutex>
#include <thread>
#include <vector>

#include <unistd.h>

namespace {

int visits = 0;  // put back before every execution

void wait_for_the_outside() {
  int ends[2];
  char byte = 0;
  if (pipe(ends) == 0 && read(ends[0], &byte, 1) < 0) return;
}

}  // namespace

RACETRACK_EXPLORE(counts_without_a_lock) {
  int count = 0;
  std::thread other([&] { ++count; });
  ++count;
  other.join();
  racetrack::check(count == 2, "both are counted");
}

RACETRACK_EXPLORE(writes_plainly_what_another_loads) {
  int word = 0;
  std::thread other([&] { word = 1; });
  static_cast<void>(std::atomic_ref(word).load(std::memory_order_acquire));
  other.join();
}

RACETRACK_EXPLORE(locks_in_opposite_order) {
  std::mutex a, b;
  std::thread other([&] {
    const std::lock_guard first(b);
    const std::lock_guard second(a);
  });
  {
    const std::lock_guard first(a);
    const std::lock_guard second(b);
  }
  other.join();
}

RACETRACK_EXPLORE(locks_what_another_has_deleted) {
  auto* const mutex = new std::mutex;
  std::thread other([mutex] { const std::lock_guard lock(*mutex); });
  delete mutex;
  other.join();
}

RACETRACK_EXPLORE(spins_for_ever) {
  std::atomic<int> turn = 0;
  std::thread other([&] {
    while (turn.load() == 0) std::this_thread::yield();
  });
  other.join();
}

RACETRACK_EXPLORE(ends_the_process) { std::exit(0); }

RACETRACK_EXPLORE(counts_under_a_lock) {
  int count = 0;
  std::mutex mutex;
  const auto add = [&] {
    const std::lock_guard lock(mutex);
    ++count;
  };
  std::thread other(add);
  add();
  other.join();
  racetrack::check(count == 2, "both are counted");
}

RACETRACK_EXPLORE(reads_then_writes) {
  std::atomic<int> count{0};
  const auto add = [&] { count = count + 1; };
  std::thread other(add);
  add();
  other.join();
  racetrack::check(count == 2, "both are counted");
}

RACETRACK_EXPLORE(finds_globals_as_they_were) { racetrack::check(++visits == 1, "nobody has been here before"); }

RACETRACK_EXPLORE(cannot_read) { wait_for_the_outside(); }
RACETRACK_EXPLORE(cannot_start_a_shell) {
  if (std::system("exit 0") != 0) racetrack::check(false, "the shell runs");
}

RACETRACK_EXPLORE(cannot_fork) { static_cast<void>(fork()); }
RACETRACK_EXPLORE(cannot_handle_signals) { static_cast<void>(std::signal(SIGUSR1, SIG_IGN)); }
RACETRACK_EXPLORE(cannot_allocate_without_end) {
  std::vector<std::vector<char>> kept;
  for (;;) kept.emplace_back(1U << 20U);
}
RACETRACK_EXPLORE(cannot_loop_unseen) {
  volatile bool for_ever = true;
  while (for_ever) {
  }
}
RACETRACK_EXPLORE(cannot_start_so_many_threads) {
  std::vector<std::thread> threads;
  for (int i = 0; i < 40; ++i) threads.emplace_back([] {});
  for (std::thread& thread : threads) thread.join();
}
RACETRACK_EXPLORE(may_jump) {
  std::jmp_buf here;
  if (setjmp(here) == 0) std::longjmp(here, 1);
}
RACETRACK_EXPLORE(throws_out_of_a_thread) {
  std::thread([] { throw 1; }).join();
}
