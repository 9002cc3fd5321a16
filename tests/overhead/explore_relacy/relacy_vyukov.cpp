// The workload of vyukov.cpp, written for relacy: with relacy's atomics, and its race detection on the item (rl::var).
// Its random scheduler runs the given number of executions. The last line has the format of this project's programs.
#include <array>
#include <cstddef>
#include <cstdio>
#include <cstdlib>
#include <ctime>

#include <relacy/relacy.hpp>

namespace {

class Queue {
 public:
  Queue() {
    for (std::size_t i = 0; i < cells_.size(); ++i) cells_[i].sequence($).store(i, rl::memory_order_relaxed);
    head_($).store(0, rl::memory_order_relaxed);
    tail_($).store(0, rl::memory_order_relaxed);
  }
  bool push(int item) {
    std::size_t position = head_($).load(rl::memory_order_relaxed);
    for (;;) {
      Cell& cell = cells_[position & kMask];
      const auto ahead = static_cast<std::ptrdiff_t>(cell.sequence($).load(rl::memory_order_acquire) - position);
      if (ahead == 0) {
        if (head_($).compare_exchange_weak(position, position + 1, rl::memory_order_relaxed)) {
          cell.item($) = item;
          cell.sequence($).store(position + 1, rl::memory_order_release);  // pairs with the load in pop
          return true;
        }
      } else if (ahead < 0) {
        return false;
      } else {
        position = head_($).load(rl::memory_order_relaxed);
      }
    }
  }
  bool pop(int& item) {
    std::size_t position = tail_($).load(rl::memory_order_relaxed);
    for (;;) {
      Cell& cell = cells_[position & kMask];
      const auto ahead = static_cast<std::ptrdiff_t>(cell.sequence($).load(rl::memory_order_acquire) - (position + 1));
      if (ahead == 0) {
        if (tail_($).compare_exchange_weak(position, position + 1, rl::memory_order_relaxed)) {
          item = cell.item($);
          cell.sequence($).store(position + kMask + 1, rl::memory_order_release);  // pairs with the load in push
          return true;
        }
      } else if (ahead < 0) {
        return false;
      } else {
        position = tail_($).load(rl::memory_order_relaxed);
      }
    }
  }

 private:
  static constexpr std::size_t kMask = 1;
  struct Cell {
    rl::atomic<std::size_t> sequence;
    rl::var<int> item;
  };
  std::array<Cell, kMask + 1> cells_;
  rl::atomic<std::size_t> head_, tail_;
};

struct Test : rl::test_suite<Test, 2> {
  Queue queue;
  void thread(unsigned index) {
    if (index == 0) {
      for (int item = 1; item <= 3; ++item) queue.push(item);
      return;
    }
    int last = 0;
    for (int i = 0; i < 3; ++i) {
      int item = 0;
      if (!queue.pop(item)) continue;
      RL_ASSERT(item == last + 1);
      last = item;
    }
  }
};

double now() {
  timespec time{};
  clock_gettime(CLOCK_MONOTONIC, &time);
  return static_cast<double>(time.tv_sec) + static_cast<double>(time.tv_nsec) * 1e-9;
}

}  // namespace

int main(int argc, char** argv) {
  rl::test_params params;
  params.iteration_count = argc > 1 ? std::strtoull(argv[1], nullptr, 10) : 100'000;
  params.search_type = rl::random_scheduler_type;
  const double begin = now();
  const bool sound = rl::simulate<Test>(params);
  const double seconds = now() - begin;
  if (!sound) return EXIT_FAILURE;
  std::printf("vyukov: nothing found in %llu executions, %.4f s\n",
              static_cast<unsigned long long>(params.iteration_count), seconds);
}
