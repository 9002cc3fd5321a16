// A program of tests for test_exploration.py: faults as users make them, corrected twins, and tests that cannot be
// explored.
#include <racetrack/explore.hpp>

#include <atomic>
#include <condition_variable>
#include <csetjmp>
#include <csignal>
#include <cstdio>
#include <cstdlib>
#include <future>
#include <locale>
#include <mutex>
#include <string>
#include <thread>
#include <vector>

#include <sys/syscall.h>
#include <sys/time.h>
#include <unistd.h>

namespace {

int visits = 0;  // restored before every execution

/// No thread writes to this pipe.
int silent_pipe() {
  int ends[2] = {-1, -1};
  racetrack::check(pipe(ends) == 0, "there is a pipe");
  return ends[0];
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

RACETRACK_EXPLORE(spins_without_end) {
  std::atomic<int> turn = 0;
  std::thread other([&] {
    while (turn.load() == 0) std::this_thread::yield();
  });
  other.join();
}

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

RACETRACK_EXPLORE(each_wants_and_looks) {
  std::atomic<bool> one_wants{false}, other_wants{false};
  bool one_enters = false, other_enters = false;
  std::thread other([&] {
    other_wants.store(true, std::memory_order_release);
    other_enters = !one_wants.load(std::memory_order_acquire);
  });
  one_wants.store(true, std::memory_order_release);
  one_enters = !other_wants.load(std::memory_order_acquire);
  other.join();
  racetrack::check(!one_enters || !other_enters, "one enters at most");
}

RACETRACK_EXPLORE(finds_globals_as_they_were) { racetrack::check(++visits == 1, "no execution has been here before"); }

RACETRACK_EXPLORE(cannot_read) {
  char byte = 0;
  if (read(silent_pipe(), &byte, 1) < 0) return;
}
RACETRACK_EXPLORE(cannot_start_a_shell) {
  if (std::system("exit 0") != 0) racetrack::check(false, "the shell runs");
}

RACETRACK_EXPLORE(cannot_read_from_the_keyboard) { static_cast<void>(std::getchar()); }
RACETRACK_EXPLORE(cannot_block_unseen) {
  char byte = 0;
  syscall(SYS_read, silent_pipe(), &byte, 1);
}
RACETRACK_EXPLORE(cannot_fork) { static_cast<void>(fork()); }
RACETRACK_EXPLORE(cannot_handle_signals) { static_cast<void>(std::signal(SIGUSR1, SIG_IGN)); }
RACETRACK_EXPLORE(cannot_allocate_without_end) {
  std::vector<std::vector<char>> kept;
  for (;;) kept.emplace_back(1U << 20U);
}
RACETRACK_EXPLORE(cannot_allocate_so_much) { const std::vector<char> huge(std::size_t{1} << 30U); }
RACETRACK_EXPLORE(cannot_loop_unseen) {
  volatile bool for_ever = true;
  while (for_ever) {
  }
}
RACETRACK_EXPLORE(cannot_become_another_program) {
  const char* const nothing[] = {nullptr};
  execv("/bin/true", const_cast<char* const*>(nothing));
}
RACETRACK_EXPLORE(cannot_start_so_many_threads) {
  std::vector<std::thread> threads;
  for (int i = 0; i < 40; ++i) threads.emplace_back([] {});
  for (std::thread& thread : threads) thread.join();
}
RACETRACK_EXPLORE(cannot_set_a_timer) {
  itimerval time{};
  setitimer(ITIMER_REAL, &time, nullptr);
}

RACETRACK_EXPLORE(may_jump) {
  std::jmp_buf here;
  if (setjmp(here) == 0) std::longjmp(here, 1);
}
RACETRACK_EXPLORE(jumps_often_and_races) {
  struct Deeper {
    [[gnu::noinline]] static void jump(std::jmp_buf& to, int deep) {
      if (deep == 0) std::longjmp(to, 1);
      if (deep > 0) jump(to, deep - 1);
    }
  };
  int count = 0;
  const auto add = [&] {
    for (std::atomic<int> i = 0; i < 50; ++i) {
      std::jmp_buf here;
      if (setjmp(here) == 0) Deeper::jump(here, 10);
    }
    ++count;
  };
  std::thread other(add);
  add();
  other.join();
}

RACETRACK_EXPLORE(overflows_its_stack) {
  struct Deeper {
    static int go(const volatile char* above, int depth) {
      volatile char here[1000];
      here[0] = *above;
      return depth == 0 ? 0 : go(here, depth - 1) + here[0];
    }
  };
  std::thread([] {
    const volatile char first = 0;
    static_cast<void>(Deeper::go(&first, 1'000'000'000));
  }).join();
}

RACETRACK_EXPLORE(divides_by_zero) {
  std::thread([] {
    volatile int zero = 0;
    volatile int result = 7 / zero;
    static_cast<void>(result);
  }).join();
}
RACETRACK_EXPLORE(a_callback_of_the_thread_exit) {
  std::mutex mutex;
  std::condition_variable done;
  bool ready = false;
  std::thread other([&] {
    std::unique_lock lock(mutex);
    ready = true;
    std::notify_all_at_thread_exit(done, std::move(lock));
  });
  {
    std::unique_lock lock(mutex);
    done.wait(lock, [&] { return ready; });
  }
  other.join();
}
RACETRACK_EXPLORE(two_threads_ask_a_locale) {
  const auto ask = [] {
    const auto& letters = std::use_facet<std::ctype<char>>(std::locale::classic());
    racetrack::check(letters.narrow('x', '?') == 'x', "a letter of itself");
  };
  std::thread other(ask);
  ask();
  other.join();
}
RACETRACK_EXPLORE(many_steps_have_an_end) {
  std::atomic<int> count = 0;
  const auto add = [&] {
    for (int i = 0; i < 15'000; ++i) ++count;
  };
  std::thread other(add);
  add();
  other.join();
  racetrack::check(count == 30'000, "all are counted");
}
RACETRACK_EXPLORE(throws_out_of_a_thread) {
  std::thread([] { throw 1; }).join();
}

// Annotations that ThreadSanitizer's runtime offers.
extern "C" {
// NOLINTBEGIN(readability-identifier-naming): libtsan's names
void AnnotateHappensBefore(const char* file, int line, const volatile void* at);
void AnnotateHappensAfter(const char* file, int line, const volatile void* at);
void AnnotateIgnoreReadsBegin(const char* file, int line);
void AnnotateIgnoreReadsEnd(const char* file, int line);
// NOLINTEND(readability-identifier-naming)
void __tsan_acquire(void* at);
void __tsan_release(void* at);
}
RACETRACK_EXPLORE(annotates_happens_before) {
  int word = 0, there = 0, back = 0;
  std::atomic<int> turn = 0;
  std::thread other([&] {
    while (turn.load(std::memory_order_relaxed) == 0) std::this_thread::yield();
    __tsan_acquire(&there);
    word = 2;
    AnnotateHappensBefore(__FILE__, __LINE__, &back);
    turn.store(2, std::memory_order_relaxed);
  });
  word = 1;
  __tsan_release(&there);
  turn.store(1, std::memory_order_relaxed);
  while (turn.load(std::memory_order_relaxed) != 2) std::this_thread::yield();
  AnnotateHappensAfter(__FILE__, __LINE__, &back);
  racetrack::check(word == 2, "the other's word");
  other.join();
}
RACETRACK_EXPLORE(annotates_a_race_as_benign) {
  int word = 0;
  std::thread other([&] { word = 1; });
  AnnotateIgnoreReadsBegin(__FILE__, __LINE__);
  racetrack::check(word < 2, "before or after");
  AnnotateIgnoreReadsEnd(__FILE__, __LINE__);
  other.join();
}
