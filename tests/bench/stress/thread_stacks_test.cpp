#include "stress/thread_stacks.hpp"

#include <algorithm>
#include <csignal>
#include <latch>
#include <thread>
#include <vector>

#include <pthread.h>
#include <sys/syscall.h>
#include <unistd.h>

#include <gtest/gtest.h>

namespace racetrack::stress {
namespace {

/// A thread that waits until the object is destroyed.
class Waiting {
 public:
  explicit Waiting(bool blocks_signals) {
    thread_ = std::thread([this, blocks_signals] {
      sigset_t all;
      sigfillset(&all);
      if (blocks_signals) pthread_sigmask(SIG_BLOCK, &all, nullptr);
      tid_ = static_cast<int>(syscall(SYS_gettid));
      started_.count_down();
      end_.wait();
    });
    started_.wait();
  }
  ~Waiting() {
    end_.count_down();
    thread_.join();
  }
  Waiting(const Waiting&) = delete;
  Waiting& operator=(const Waiting&) = delete;

  [[nodiscard]] bool is_in(const std::vector<int>& threads) const {
    return std::find(threads.begin(), threads.end(), tid_) != threads.end();
  }

 private:
  std::latch started_{1}, end_{1};
  int tid_ = 0;
  std::thread thread_;
};

TEST(SanitizerThreads, are_those_that_block_segmentation_faults) {
  const Waiting usual(false), blocks(true);
  EXPECT_FALSE(usual.is_in(list_sanitizer_threads()));
  EXPECT_TRUE(blocks.is_in(list_sanitizer_threads()));
}

TEST(Threads, that_block_signals_are_listed_too) {
  const Waiting usual(false), blocks(true);
  EXPECT_TRUE(usual.is_in(list_threads()));
  EXPECT_TRUE(blocks.is_in(list_threads()));
}

}  // namespace
}  // namespace racetrack::stress
