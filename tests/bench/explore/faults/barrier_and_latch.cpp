// A barrier with one counter, reset by the last thread to arrive: a fast thread arrives again before the others have
// left.
#include <condition_variable>
#include <latch>
#include <mutex>
#include <thread>
#include <vector>

#include <racetrack/explore.hpp>

namespace {
class LappedBarrier {
 public:
  explicit LappedBarrier(int parties) : parties_(parties) {}
  void arrive_and_wait() {
    std::unique_lock lock(mutex_);
    if (++arrived_ == parties_) {
      arrived_ = 0;
      all_there_.notify_all();
    } else {
      all_there_.wait(lock, [&] { return arrived_ == 0; });
    }
  }

 private:
  int parties_;
  int arrived_ = 0;
  std::mutex mutex_;
  std::condition_variable all_there_;
};
class GenerationBarrier {
 public:
  explicit GenerationBarrier(int parties) : parties_(parties) {}
  void arrive_and_wait() {
    std::unique_lock lock(mutex_);
    const int generation = generation_;
    if (++arrived_ == parties_) {
      arrived_ = 0;
      ++generation_;
      all_there_.notify_all();
    } else {
      all_there_.wait(lock, [&] { return generation != generation_; });
    }
  }

 private:
  int parties_;
  int arrived_ = 0;
  int generation_ = 0;
  std::mutex mutex_;
  std::condition_variable all_there_;
};
template <class Barrier>
void phases() {
  Barrier barrier(3);
  int cells[3] = {};
  std::vector<std::thread> workers;
  const auto work = [&](int self) {
    for (int phase = 1; phase <= 2; ++phase) {
      cells[self] = phase;
      barrier.arrive_and_wait();
      racetrack::check(cells[(self + 1) % 3] == phase, "the neighbour is in this phase");
      barrier.arrive_and_wait();
    }
  };
  workers.emplace_back(work, 1);
  workers.emplace_back(work, 2);
  work(0);
  for (std::thread& worker : workers) {
    worker.join();
  }
}
}  // namespace
RACETRACK_EXPLORE(barrier_without_generations) { phases<LappedBarrier>(); }
RACETRACK_EXPLORE(barrier_with_generations) { phases<GenerationBarrier>(); }
// A worker that finds nothing to do leaves without counting down.
RACETRACK_EXPLORE(latch_skipped_on_early_return) {
  std::latch ready(2);
  std::atomic<int> work_left = 1;
  const auto worker = [&] {
    if (work_left.fetch_sub(1) <= 0) {
      return;
    }
    ready.count_down();
  };
  std::thread one(worker);
  std::thread two(worker);
  ready.wait();
  one.join();
  two.join();
}
RACETRACK_EXPLORE(latch_always_counted) {
  std::latch ready(2);
  std::atomic<int> work_left = 1;
  const auto worker = [&] {
    work_left.fetch_sub(1);
    ready.count_down();
  };
  std::thread one(worker);
  std::thread two(worker);
  ready.wait();
  one.join();
  two.join();
}
