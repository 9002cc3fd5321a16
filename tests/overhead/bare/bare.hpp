// A bare loop: a benchmark of one queue without the harness. It shares no code with the harness, so an error of the
// harness is not repeated here. It has its own threads, pinning, barrier, clock, loops and sums.
//
//   PROGRAM transfer|round_trip spin|yield|block PAYLOAD PRODUCERS CONSUMERS CAPACITY SECONDS CPU[,CPU...]
//
// Prints one number per line. For transfer: the items per second of each round. For round_trip: the median of all trips
// in nanoseconds. Every round has a new queue and takes at least 5 ms. The producer writes all words of an item, the
// consumer reads them all, and both sides add up the numbers.
// consumer reads them all, and both sides add up the numbers.
#pragma once

#include <algorithm>
#include <atomic>
#include <chrono>
#include <condition_variable>
#include <cstddef>
#include <cstdint>
#include <cstdio>
#include <cstdlib>
#include <functional>
#include <memory>
#include <mutex>
#include <stdexcept>
#include <string>
#include <thread>
#include <vector>

#include <pthread.h>
#include <sched.h>
#include <x86intrin.h>

/// Inlines everything into a timed loop. Without it, g++ -O2 calls moodycamel's dequeue once per item, which costs a
/// quarter.
#if defined(__clang__)
#define BARE_LOOP [[gnu::flatten, gnu::noinline]]
#else
#define BARE_LOOP [[gnu::flatten, gnu::noinline, gnu::noclone]]
#endif

namespace bare {

constexpr std::size_t kLines = 128;  // a pair of cache lines
constexpr double kRoundSeconds = 5e-3;

enum class Waiting { spin, yield, block };

template <std::size_t kBytes>
struct Parcel {
  std::uint64_t word[kBytes / 8];
};

template <std::size_t kBytes>
Parcel<kBytes> pack(std::uint64_t number) {
  Parcel<kBytes> parcel;
  for (std::uint64_t& word : parcel.word) word = number;
  return parcel;
}

template <std::size_t kBytes>
bool is_torn(const Parcel<kBytes>& parcel) {
  std::uint64_t differing = 0;
  for (const std::uint64_t word : parcel.word) differing |= word ^ parcel.word[0];
  return differing != 0;
}

/// Waits between two attempts. Throws when the race is cancelled. No race is, but a benchmark that cannot be stopped
/// would be useless.
struct Patience {
  bool yields;
  const std::atomic<bool>* cancelled;

  void wait() const {
    yields ? static_cast<void>(sched_yield()) : _mm_pause();
    if (cancelled->load(std::memory_order_relaxed)) throw std::runtime_error("the race was cancelled");
  }
};

struct alignas(kLines) Sum {
  std::uint64_t items = 0, numbers = 0, refused = 0, torn = 0;
};

struct Plan {
  std::string race;
  Waiting waiting{};
  std::size_t payload = 8, producers = 1, consumers = 1, capacity = 1024;
  double seconds = 0.1;
  std::vector<int> cpus;
};

/// Threads that last for the whole race: each runs the same job in each round. Stamps the begin and end of each job.
class Crew {
 public:
  explicit Crew(const std::vector<int>& cpus)
      : many_(cpus.size() > static_cast<std::size_t>(sysconf(_SC_NPROCESSORS_ONLN))), stamps_(cpus.size()) {
    for (std::size_t i = 0; i < cpus.size(); ++i) {
      threads_.emplace_back([this, i, cpu = cpus[i]] {
        cpu_set_t set;
        CPU_ZERO(&set);
        CPU_SET(cpu, &set);
        if (pthread_setaffinity_np(pthread_self(), sizeof set, &set) != 0) std::abort();
        work(i);
      });
    }
  }
  ~Crew() {
    run({});
    for (std::thread& thread : threads_) thread.join();
  }
  Crew(const Crew&) = delete;
  Crew& operator=(const Crew&) = delete;

  /// Runs the job on all threads. Returns the seconds from the first start to the last end. An empty job ends the
  /// threads.
  double run(std::function<void(std::size_t)> job) {
    std::unique_lock lock(mutex_);
    job_ = std::move(job);
    arrived_ = 0;
    busy_ = threads_.size();
    ++round_;
    called_.notify_all();
    ended_.wait(lock, [this] { return busy_ == 0; });
    auto first = stamps_[0].begin, last = stamps_[0].end;
    for (const Stamp& stamp : stamps_) {
      first = std::min(first, stamp.begin);
      last = std::max(last, stamp.end);
    }
    return std::chrono::duration<double>(last - first).count();
  }

 private:
  struct alignas(kLines) Stamp {
    std::chrono::steady_clock::time_point begin, end;
  };

  void work(std::size_t me) {
    for (std::uint64_t round = 1;; ++round) {
      std::unique_lock lock(mutex_);
      called_.wait(lock, [&] { return round_ == round; });
      lock.unlock();
      if (job_) {
        arrived_.fetch_add(1);
        while (arrived_.load() < stamps_.size()) many_ ? static_cast<void>(sched_yield()) : _mm_pause();
        stamps_[me].begin = std::chrono::steady_clock::now();
        job_(me);
        stamps_[me].end = std::chrono::steady_clock::now();
      }
      lock.lock();
      if (--busy_ == 0) ended_.notify_one();
      if (!job_) return;
    }
  }

  const bool many_;
  std::vector<Stamp> stamps_;
  std::mutex mutex_;
  std::condition_variable called_, ended_;
  std::function<void(std::size_t)> job_;
  std::size_t busy_ = 0;
  std::uint64_t round_ = 0;
  alignas(kLines) std::atomic<std::size_t> arrived_{0};
  std::vector<std::thread> threads_;
};

/// `Queue<T>` has push(T) and pop(T&), which return false when full or empty, and, when the queue can block, put(T) and
/// take(T&).
template <template <class> class Queue, std::size_t kBytes, bool kBlocks>
class Race {
  using Item = Parcel<kBytes>;
  struct alignas(kLines) Lane {
    explicit Lane(std::size_t capacity) : queue(capacity) {}
    Queue<Item> queue;
  };

 public:
  explicit Race(const Plan& plan)
      : plan_(plan),
        patience_{plan.waiting == Waiting::yield, &cancelled_},
        crew_(plan.cpus),
        sums_(plan.cpus.size()) {}

  void run() {
    const bool trips = plan_.race == "round_trip";
    std::uint64_t work = 1024;
    for (double took = 0; (took = round(work, trips)) < kRoundSeconds;) {
      const double factor = std::clamp(1.2 * kRoundSeconds / took, 1.5, 16.0);
      work = static_cast<std::uint64_t>(static_cast<double>(work) * factor) + 1;
    }
    ticks_.clear();
    const auto began = std::chrono::steady_clock::now();
    const std::uint64_t first_tick = __rdtsc();
    for (double spent = 0; spent < plan_.seconds;) {
      const double took = round(work, trips);
      spent += took;
      if (!trips) std::printf("%.1f\n", static_cast<double>(work) / took);
    }
    if (!trips) return;
    const std::uint64_t ticks = __rdtsc() - first_tick;
    const std::chrono::duration<double, std::nano> passed = std::chrono::steady_clock::now() - began;
    const auto middle = ticks_.begin() + static_cast<std::ptrdiff_t>(ticks_.size() / 2);
    std::nth_element(ticks_.begin(), middle, ticks_.end());
    std::printf("%.2f\n", static_cast<double>(*middle) * passed.count() / static_cast<double>(ticks));
  }

 private:
  double round(std::uint64_t work, bool trips) {
    there_ = std::make_unique<Lane>(plan_.capacity);
    if (trips) back_ = std::make_unique<Lane>(plan_.capacity);
    taken_ = 0;
    const std::size_t known = ticks_.size();
    if (trips) ticks_.resize(known + work);
    const double took = crew_.run([&](std::size_t thread) {
      if (trips && thread == 0) {
        sums_[0] = ask(there_->queue, back_->queue, work, ticks_.data() + known, patience_);
      } else if (trips) {
        sums_[1] = answer(there_->queue, back_->queue, work, patience_);
      } else if (thread < plan_.producers) {
        const std::uint64_t count = work / plan_.producers + (thread < work % plan_.producers ? 1 : 0);
        sums_[thread] = send(there_->queue, thread << 48U, count, patience_);
      } else if (plan_.consumers == 1) {
        sums_[thread] = receive(there_->queue, work, patience_);
      } else {
        sums_[thread] = compete(there_->queue, work);
      }
    });
    check();
    return took;
  }

  static void push(Queue<Item>& queue, const Item& item, std::uint64_t& refused, Patience patience) {
    if constexpr (kBlocks) {
      queue.put(item);
    } else {
      while (!queue.push(item)) {
        ++refused;
        patience.wait();
      }
    }
  }
  static void pop(Queue<Item>& queue, Item& item, std::uint64_t& refused, Patience patience) {
    if constexpr (kBlocks) {
      queue.take(item);
    } else {
      while (!queue.pop(item)) {
        ++refused;
        patience.wait();
      }
    }
  }

  BARE_LOOP static Sum send(Queue<Item>& queue, std::uint64_t first, std::uint64_t count, Patience patience) {
    std::uint64_t numbers = 0, refused = 0;
    for (std::uint64_t number = first + 1; number != first + 1 + count; ++number) {
      push(queue, pack<kBytes>(number), refused, patience);
      numbers += number;
    }
    return {count, numbers, refused, 0};
  }
  BARE_LOOP static Sum receive(Queue<Item>& queue, std::uint64_t count, Patience patience) {
    std::uint64_t numbers = 0, refused = 0, torn = 0;
    Item item{};
    for (std::uint64_t left = count; left != 0; --left) {
      pop(queue, item, refused, patience);
      numbers += item.word[0];
      torn += is_torn(item) ? 1 : 0;
    }
    return {count, numbers, refused, torn};
  }
  /// One of several consumers: repeatedly claims 64 items and receives them.
  Sum compete(Queue<Item>& queue, std::uint64_t work) {
    Sum sum;
    for (;;) {
      const std::uint64_t begin = taken_.fetch_add(64, std::memory_order_relaxed);
      if (begin >= work) return sum;
      const Sum part = receive(queue, std::min<std::uint64_t>(64, work - begin), patience_);
      sum.items += part.items;
      sum.numbers += part.numbers;
      sum.torn += part.torn;
    }
  }
  BARE_LOOP static Sum ask(Queue<Item>& there, Queue<Item>& back, std::uint64_t trips, std::uint64_t* ticks,
                           Patience patience) {
    std::uint64_t numbers = 0, refused = 0, torn = 0;
    Item reply{};
    for (std::uint64_t number = 1; number <= trips; ++number) {
      const Item item = pack<kBytes>(number);
      const std::uint64_t begin = __rdtsc();
      _mm_lfence();
      push(there, item, refused, patience);
      pop(back, reply, refused, patience);
      unsigned cpu;
      ticks[number - 1] = __rdtscp(&cpu) - begin;
      _mm_lfence();
      torn += is_torn(reply) || reply.word[0] != number ? 1 : 0;
      numbers += number;
    }
    return {trips, numbers, refused, torn};
  }
  BARE_LOOP static Sum answer(Queue<Item>& there, Queue<Item>& back, std::uint64_t trips, Patience patience) {
    std::uint64_t numbers = 0, refused = 0;
    Item item{};
    for (std::uint64_t left = trips; left != 0; --left) {
      pop(there, item, refused, patience);
      numbers += item.word[0];
      push(back, item, refused, patience);
    }
    return {trips, numbers, refused, 0};
  }

  void check() const {
    Sum sent, arrived;
    for (std::size_t i = 0; i < sums_.size(); ++i) {
      Sum& side = i < plan_.producers ? sent : arrived;
      side.items += sums_[i].items;
      side.numbers += sums_[i].numbers;
      side.torn += sums_[i].torn;
    }
    if (sent.items != arrived.items || sent.numbers != arrived.numbers || sent.torn + arrived.torn != 0) {
      throw std::runtime_error("the sent and the received items differ");
    }
  }

  const Plan plan_;
  alignas(kLines) std::atomic<bool> cancelled_{false};
  alignas(kLines) const Patience patience_;
  Crew crew_;
  std::vector<Sum> sums_;
  std::vector<std::uint64_t> ticks_;
  std::unique_ptr<Lane> there_, back_;
  alignas(kLines) std::atomic<std::uint64_t> taken_{0};
};

template <template <class> class Queue, std::size_t kBytes>
void run_with(const Plan& plan) {
  using Item = Parcel<kBytes>;
  constexpr bool kBlocks = requires(Queue<Item> & queue, Item item) {
    queue.put(item);
    queue.take(item);
  };
  if (plan.waiting != Waiting::block) {
    Race<Queue, kBytes, false>(plan).run();
  } else if constexpr (kBlocks) {
    Race<Queue, kBytes, true>(plan).run();
  } else {
    throw std::invalid_argument("the queue does not block");
  }
}

inline Plan read(int argc, char** argv) {
  if (argc != 9) throw std::invalid_argument("RACE WAITING PAYLOAD PRODUCERS CONSUMERS CAPACITY SECONDS CPU[,CPU...]");
  Plan plan;
  plan.race = argv[1];
  const std::string waiting = argv[2];
  plan.waiting = waiting == "spin" ? Waiting::spin : waiting == "yield" ? Waiting::yield : Waiting::block;
  const auto number = [&](int at) { return static_cast<std::size_t>(std::strtoull(argv[at], nullptr, 10)); };
  plan.payload = number(3);
  plan.producers = number(4);
  plan.consumers = number(5);
  plan.capacity = number(6);
  plan.seconds = std::strtod(argv[7], nullptr);
  for (const char* at = argv[8]; *at != '\0';) {
    char* end = nullptr;
    plan.cpus.push_back(static_cast<int>(std::strtol(at, &end, 10)));
    at = *end == ',' ? end + 1 : end;
  }
  const bool known = plan.race == "transfer" || (plan.race == "round_trip" && plan.cpus.size() == 2);
  if (!known || plan.cpus.size() != plan.producers + plan.consumers) throw std::invalid_argument("no such race");
  return plan;
}

template <template <class> class Queue>
int main(int argc, char** argv) {
  try {
    const Plan plan = read(argc, argv);
    switch (plan.payload) {
      case 8: run_with<Queue, 8>(plan); break;
      case 64: run_with<Queue, 64>(plan); break;
      case 256: run_with<Queue, 256>(plan); break;
      default: throw std::invalid_argument("no such payload");
    }
  } catch (const std::exception& error) {
    std::fprintf(stderr, "%s: %s\n", argv[0], error.what());
    return 70;
  }
  return 0;
}

}  // namespace bare
