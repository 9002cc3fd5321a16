// The futex system call beyond wait and wake.
#include <atomic>
#include <cerrno>
#include <climits>
#include <cstdint>
#include <thread>

#include <linux/futex.h>
#include <sys/syscall.h>
#include <unistd.h>

#include <racetrack/explore.hpp>

namespace {

long futex(std::atomic<int>& word, int operation, int value, long limit = 0, std::atomic<int>* target = nullptr,
           std::uint32_t last = 0) {
  return syscall(SYS_futex, &word, operation | FUTEX_PRIVATE_FLAG, value, limit, target, last);
}

/// Two threads wait at `first` by `waits`. The main thread wakes them by `wakes`.
template <class Waits, class Wakes>
void two_sleepers(Waits waits, Wakes wakes) {
  std::atomic<int> first = 0;
  std::atomic<int> second = 0;
  std::thread one([&] { waits(first, second, 1U); });
  std::thread two([&] { waits(first, second, 2U); });
  wakes(first, second);
  one.join();
  two.join();
}

const auto wait_for_bit = [](std::atomic<int>& word, std::atomic<int>&, std::uint32_t bit) {
  while ((word.load() & static_cast<int>(bit)) == 0) {
    const int before = word.load();
    if ((before & static_cast<int>(bit)) == 0) futex(word, FUTEX_WAIT_BITSET, before, 0, nullptr, bit);
  }
};

template <bool kMovesAll>
void requeue_two() {
  two_sleepers(
      [](std::atomic<int>& first, std::atomic<int>&, std::uint32_t) {
        while (first.load() == 0) futex(first, FUTEX_WAIT, 0);
      },
      [](std::atomic<int>& first, std::atomic<int>& second) {
        first = 1;
        while (futex(first, FUTEX_CMP_REQUEUE, 1, kMovesAll ? INT_MAX : 0, &second, 1) < 0) {
          racetrack::check(errno == EAGAIN, "the word has changed");
        }
        if (kMovesAll) futex(second, FUTEX_WAKE, INT_MAX);
      });
}

}  // namespace

RACETRACK_EXPLORE(futex_wakes_by_bits) {
  two_sleepers(wait_for_bit, [](std::atomic<int>& first, std::atomic<int>&) {
    first |= 1;
    futex(first, FUTEX_WAKE_BITSET, INT_MAX, 0, nullptr, 1);
    first |= 2;
    futex(first, FUTEX_WAKE_BITSET, INT_MAX, 0, nullptr, 2);
  });
}
RACETRACK_EXPLORE(fault_futex_wakes_by_the_wrong_bit) {
  two_sleepers(wait_for_bit, [](std::atomic<int>& first, std::atomic<int>&) {
    first = 3;
    futex(first, FUTEX_WAKE_BITSET, INT_MAX, 0, nullptr, 1);
  });
}
RACETRACK_EXPLORE(futex_moves_sleepers) { requeue_two<true>(); }
RACETRACK_EXPLORE(fault_futex_moves_no_sleeper) { requeue_two<false>(); }
RACETRACK_EXPLORE(futex_wakes_and_changes) {
  std::atomic<int> first = 0;
  std::atomic<int> second = 0;
  std::thread one([&] {
    while (second.load() == 0) futex(second, FUTEX_WAIT, 0);
  });
  futex(first, FUTEX_WAKE_OP, 1, 1, &second, FUTEX_OP(FUTEX_OP_ADD, 5, FUTEX_OP_CMP_EQ, 0));
  racetrack::check(second == 5, "five is added");
  one.join();
}
RACETRACK_EXPLORE(fault_futex_changes_and_does_not_wake) {
  std::atomic<int> first = 0;
  std::atomic<int> second = 0;
  std::thread one([&] {
    while (second.load() == 0) futex(second, FUTEX_WAIT, 0);
  });
  futex(first, FUTEX_WAKE_OP, 1, 1, &second, FUTEX_OP(FUTEX_OP_SET, 5, FUTEX_OP_CMP_GT, 0));
  one.join();
}
RACETRACK_EXPLORE(futex_arguments_are_checked) {
  std::atomic<int> word = 0;
  racetrack::check(futex(word, FUTEX_WAIT_BITSET, 0, 0, nullptr, 0) == -1 && errno == EINVAL, "no bit");
  racetrack::check(futex(word, FUTEX_REQUEUE, 0, 0, nullptr) == -1 && errno == EINVAL, "no target");
  racetrack::check(futex(word, FUTEX_WAIT, 1) == -1 && errno == EAGAIN, "another value");
}
