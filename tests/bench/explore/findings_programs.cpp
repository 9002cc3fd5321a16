// A program of tests for test_findings.py: findings, inconclusive verdicts, and additions to the verdict line.
#include <racetrack/explore.hpp>

#include <array>
#include <atomic>
#include <chrono>
#include <condition_variable>
#include <cstdlib>
#include <mutex>
#include <thread>
#include <vector>

#include <pthread.h>
#include <sys/mman.h>

RACETRACK_EXPLORE(starts_no_thread) {
  std::atomic<int> count{0};
  ++count;
  racetrack::check(count == 1, "it is counted");
}

RACETRACK_EXPLORE(starts_a_thread) {
  std::atomic<int> count{0};
  std::thread other([&] { ++count; });
  ++count;
  other.join();
  racetrack::check(count == 2, "both are counted");
}

namespace {

/// Each thread but the last adds in its turn; the last one also adds out of turn, if `races`.
void many_threads(std::size_t count, bool races) {
  int sum = 0;
  std::atomic<std::size_t> turn{0};
  std::vector<std::thread> threads;
  for (std::size_t i = 0; i < count; ++i) {
    threads.emplace_back([&, i] {
      while (turn.load(std::memory_order_acquire) != i && !(races && i + 1 == count)) std::this_thread::yield();
      ++sum;
      if (turn.load(std::memory_order_relaxed) == i) turn.store(i + 1, std::memory_order_release);
    });
  }
  for (std::thread& thread : threads) thread.join();
}

}  // namespace

RACETRACK_EXPLORE(forty_threads_in_turn) { many_threads(40, false); }
RACETRACK_EXPLORE(the_last_of_forty_threads_races) { many_threads(40, true); }
RACETRACK_EXPLORE(as_many_threads_as_there_may_be) {
  std::array<std::thread, 63> threads;
  std::atomic<int> count{0};
  for (std::thread& thread : threads) thread = std::thread([&] { ++count; });
  for (std::thread& thread : threads) thread.join();
  racetrack::check(count == 63, "all are counted");
}

// Correct code with very many steps: a limit is not a failure.

RACETRACK_EXPLORE(counts_for_long) {
  std::atomic<int> count{0};
  std::thread other([&] {
    for (int i = 0; i < 60'000; ++i) ++count;
  });
  for (int i = 0; i < 60'000; ++i) ++count;
  other.join();
  racetrack::check(count == 120'000, "all are counted");
}

RACETRACK_EXPLORE(counts_under_a_mutex_for_long) {
  int count = 0;
  std::mutex mutex;
  const auto add = [&] {
    for (int i = 0; i < 30'000; ++i) {
      const std::lock_guard lock(mutex);
      ++count;
    }
  };
  std::thread other(add);
  add();
  other.join();
}

/// Each round changes the value that the other thread waits for.
RACETRACK_EXPLORE(passes_a_token_for_long) {
  std::atomic<int> turn{0};
  const auto play = [&](int parity) {
    for (int i = 0; i < 20'000; ++i) {
      while (turn.load() % 2 != parity) std::this_thread::yield();
      ++turn;
    }
  };
  std::thread other(play, 1);
  play(0);
  other.join();
}

/// Most executions are short.
RACETRACK_EXPLORE(is_long_in_few_executions) {
  std::atomic<int> count{0};
  std::thread other([&] { ++count; });
  const int rounds = racetrack::choose(16) == 7 ? 60'000 : 1;
  for (int i = 0; i < rounds; ++i) count = count + 1;
  other.join();
}

/// Retries until the version is unchanged; ends at once when it runs alone.
RACETRACK_EXPLORE(retries_until_the_version_is_unchanged) {
  std::atomic<unsigned> version{0}, value{0};
  std::thread writer([&] {
    for (unsigned i = 0; i < 3; ++i) {
      ++version;
      ++value;
      ++version;
    }
  });
  for (;;) {
    const unsigned before = version.load();
    const unsigned found = value.load();
    if (before % 2 == 0 && before == version.load()) {
      racetrack::check(found == before / 2, "it is of that version");
      break;
    }
  }
  writer.join();
}

RACETRACK_EXPLORE(computes_for_long_without_a_step) {
  long sum = 0;
  std::thread other([&] {
    for (int i = 0; i < 3'000'000; ++i) {
      sum += i;
      asm volatile("" ::: "memory");
    }
  });
  other.join();
  racetrack::check(sum > 0, "it is summed up");
}

/// A loop with an end far away: its state never repeats.
RACETRACK_EXPLORE(gives_up_after_many_reads) {
  std::atomic<bool> ready{false};
  int looks = 0;
  while (!ready.load() && ++looks < 20'000) {
  }
  racetrack::check(looks == 20'000, "it gives up");
}

// Never-ending executions, each with its evidence.

RACETRACK_EXPLORE(waits_in_a_loop_without_end) {
  std::atomic<bool> ready{false};
  std::thread other([&] {
    while (!ready.load(std::memory_order_acquire)) {
    }
  });
  other.join();
}

RACETRACK_EXPLORE(polls_under_a_mutex_without_end) {
  std::mutex mutex;
  bool ready = false;
  std::thread other([&] {
    for (;;) {
      const std::lock_guard lock(mutex);
      if (ready) return;
    }
  });
  other.join();
}

RACETRACK_EXPLORE(sleeps_and_polls_without_end) {
  std::atomic<bool> ready{false};
  while (!ready.load()) std::this_thread::sleep_for(std::chrono::milliseconds(1));
}

RACETRACK_EXPLORE(two_wait_for_each_other_in_loops) {
  std::atomic<bool> one{false}, two{false};
  std::thread other([&] {
    while (!one.load()) std::this_thread::yield();
    two.store(true);
  });
  while (!two.load()) std::this_thread::yield();
  one.store(true);
  other.join();
}

RACETRACK_EXPLORE(spins_on_a_lock_that_it_holds) {
  std::atomic_flag lock;
  static_cast<void>(lock.test_and_set());
  while (lock.test_and_set(std::memory_order_acquire)) {
  }
}

/// Two locks that spin, taken in opposite orders. The failing exchange writes only a variable of its thread.
RACETRACK_EXPLORE(two_spin_on_locks_in_opposite_order) {
  std::atomic<bool> a{false}, b{false};
  const auto lock = [](std::atomic<bool>& flag) {
    bool expected = false;
    while (!flag.compare_exchange_strong(expected, true)) expected = false;
  };
  std::thread other([&] {
    lock(a);
    lock(b);
    b = a = false;
  });
  lock(b);
  lock(a);
  a = b = false;
  other.join();
}

// Unfair, but not endless: the repeated steps of one thread let the other one proceed in between.

RACETRACK_EXPLORE(polls_under_a_spin_lock) {
  std::atomic<bool> locked{false};
  bool done = false;
  const auto lock = [&] {
    while (locked.exchange(true)) {
    }
  };
  std::thread other([&] {
    lock();
    done = true;
    locked = false;
  });
  for (bool seen = false; !seen;) {
    lock();
    seen = done;
    locked = false;
  }
  other.join();
}
RACETRACK_EXPLORE(changes_a_flag_to_and_fro) {
  std::atomic<bool> flag{false}, done{false};
  std::thread other([&] {
    while (flag) {
    }
    done = true;
  });
  while (!done) {
    flag = true;
    flag = false;
  }
  other.join();
}

// Waiting on plain memory is a race.

namespace {

int plain_ready = 0;
volatile int volatile_ready = 0;

}  // namespace

RACETRACK_EXPLORE(waits_for_a_volatile) {
  std::thread other([] { volatile_ready = 1; });
  while (volatile_ready == 0) {
  }
  other.join();
}

RACETRACK_EXPLORE(waits_for_a_plain_word) {
  std::thread other([] { plain_ready = 1; });
  while (plain_ready == 0) asm volatile("" ::: "memory");
  other.join();
}

/// An endless loop after one load, which a compiler may generate from a loop of loads.
RACETRACK_EXPLORE(reads_a_plain_word_before_it_loops) {
  std::thread other([] { plain_ready = 1; });
  const int seen = plain_ready;
  while (seen == 0) {  // NOLINT(bugprone-infinite-loop): that is the fault
  }
  other.join();
}

RACETRACK_EXPLORE(loops_without_reading_anything) {
  std::atomic<int> count{0};
  std::thread other([&] { ++count; });
  volatile bool* const never_read = nullptr;
  while (never_read == nullptr) {
  }
  other.join();
}

RACETRACK_EXPLORE(waits_for_a_plain_word_that_no_thread_writes) {
  while (plain_ready == 0) asm volatile("" ::: "memory");
}

// Several findings.

namespace {

long hits = 0, misses = 0;

[[gnu::noinline]] void count_hit() { ++hits; }
[[gnu::noinline]] void count_miss() { ++misses; }

}  // namespace

RACETRACK_EXPLORE(two_races_hide_a_deadlock) {
  std::mutex a, b;
  std::thread other([&] {
    count_hit();
    count_miss();
    const std::lock_guard first(a);
    const std::lock_guard second(b);
  });
  count_hit();
  count_miss();
  {
    const std::lock_guard first(b);
    const std::lock_guard second(a);
  }
  other.join();
}

RACETRACK_EXPLORE(an_intended_race_leads_to_a_wrong_result) {
  std::thread other([] {
    const long before = hits;
    hits = before + 1;
  });
  const long before = hits;
  hits = before + 1;
  other.join();
  racetrack::check(hits == 2, "both are counted");
}

RACETRACK_EXPLORE(a_race_that_harms_nothing) {
  std::thread other(count_hit);
  count_hit();
  other.join();
}

RACETRACK_EXPLORE(spins_on_plain_memory_that_is_intended) {
  std::thread other([] { plain_ready = 1; });
  while (plain_ready == 0) asm volatile("" ::: "memory");
  other.join();
}

RACETRACK_EXPLORE(frees_what_another_reads) {
  auto* const word = new int(1);
  std::atomic<int> read{0};
  std::thread other([word, &read] { read.store(*word, std::memory_order_relaxed); });
  while (read.load(std::memory_order_relaxed) == 0) std::this_thread::yield();
  delete word;  // nothing orders it after the read
  other.join();
}

/// The fault needs one preemption among many steps.
RACETRACK_EXPLORE(is_decided_in_the_middle) {
  std::atomic<int> noise{0}, count{0};
  const auto play = [&] {
    for (int i = 0; i < 40; ++i) noise.fetch_add(i);
    count = count + 1;
    for (int i = 0; i < 40; ++i) noise.fetch_sub(i);
  };
  std::thread other(play);
  play();
  other.join();
  racetrack::check(count == 2, "both are counted");
}

// Threads that do not end.

namespace {

void* wait_for_ever(void*) {
  static std::mutex mutex;
  static std::condition_variable never;
  std::unique_lock lock(mutex);
  never.wait(lock, [] { return false; });
  return nullptr;
}

}  // namespace

RACETRACK_EXPLORE(leaves_a_thread_unjoined) {
  pthread_t thread{};
  pthread_create(&thread, nullptr, wait_for_ever, nullptr);
}
RACETRACK_EXPLORE(leaves_a_detached_thread_that_waits) { std::thread(wait_for_ever, nullptr).detach(); }
RACETRACK_EXPLORE(leaves_a_detached_thread_that_loops) {
  static std::atomic<bool> stop{false};
  std::thread([] {
    while (!stop.load()) std::this_thread::yield();
  }).detach();
}

// The stack of a thread ends with it.

namespace {
std::atomic<int*> published{nullptr};
}  // namespace
RACETRACK_EXPLORE(writes_to_the_stack_of_an_ended_thread) {
  std::thread other([] {
    int local = 1;
    published = &local;
    racetrack::check(local == 1, "read, so that it has a place");
  });
  other.join();
  *published.load() = 2;
}
RACETRACK_EXPLORE(writes_to_the_stack_of_a_thread_that_waits) {
  std::atomic<bool> written{false};
  std::thread other([&] {
    std::atomic<int> local{1};
    published = reinterpret_cast<int*>(&local);
    while (!written) std::this_thread::yield();
    racetrack::check(local == 2, "written");
  });
  while (published.load() == nullptr) std::this_thread::yield();
  reinterpret_cast<std::atomic<int>*>(published.load())->store(2);
  written = true;
  other.join();
}

// An allocation is a write of the block, for every allocator and every use.

namespace {

std::atomic<void*> block{nullptr};

struct alignas(64) Line {
  int word;
};

/// A thread publishes a new block in which it writes nothing. The main thread uses it, ordered after the allocation or
/// not.
template <class Allocate, class Use>
void publish(Allocate allocate, Use use, std::memory_order stores, std::memory_order loads) {
  std::thread other([&] { block.store(allocate(), stores); });
  if (void* const found = block.load(loads)) use(found);
  other.join();
}

void* by_malloc() { return std::malloc(40); }
void* by_calloc() { return std::calloc(1, 40); }
void* by_realloc() { return std::realloc(std::malloc(8), 40); }
void* by_new() { return new int[10]; }
void* by_aligned_new() { return new Line; }
void* by_aligned_alloc() { return std::aligned_alloc(32, 64); }
void* by_mmap() { return mmap(nullptr, 4096, PROT_READ | PROT_WRITE, MAP_PRIVATE | MAP_ANONYMOUS, -1, 0); }
/// The same for memory that the thread has used before.
void* recycled() {
  auto* const earlier = static_cast<int*>(std::malloc(40));
  *earlier = 1;
  asm volatile("" : : "r"(earlier) : "memory");
  std::free(earlier);
  return std::malloc(40);
}

void write_into(void* found) { static_cast<int*>(found)[2] = 18; }
void read_from(void* found) {
  const int word = static_cast<volatile int*>(found)[2];
  asm volatile("" : : "r"(word));
}
void store_into(void* found) { static_cast<std::atomic<int>*>(found)->store(18, std::memory_order_relaxed); }

}  // namespace

#define RACETRACK_ALLOCATION(allocate, use)                                       \
  RACETRACK_EXPLORE(unordered_##allocate##_##use) {                               \
    publish(allocate, use, std::memory_order_relaxed, std::memory_order_relaxed); \
  }                                                                               \
  RACETRACK_EXPLORE(ordered_##allocate##_##use) {                                 \
    publish(allocate, use, std::memory_order_release, std::memory_order_acquire); \
  }
RACETRACK_ALLOCATION(by_malloc, write_into)
RACETRACK_ALLOCATION(by_malloc, read_from)
RACETRACK_ALLOCATION(by_malloc, store_into)
RACETRACK_ALLOCATION(by_malloc, free)
RACETRACK_ALLOCATION(by_calloc, read_from)
RACETRACK_ALLOCATION(by_realloc, write_into)
RACETRACK_ALLOCATION(by_new, write_into)
RACETRACK_ALLOCATION(by_aligned_new, write_into)
RACETRACK_ALLOCATION(by_aligned_alloc, write_into)
RACETRACK_ALLOCATION(by_mmap, read_from)
RACETRACK_ALLOCATION(recycled, write_into)
#undef RACETRACK_ALLOCATION
