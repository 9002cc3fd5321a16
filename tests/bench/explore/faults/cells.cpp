// A pool of three cells with a free list of indices without a tag. Between the read and the exchange of the list head,
// two cells are taken and the first is returned (ABA), so that one cell gets two owners. A tag next to the index
// prevents that.
#include <array>
#include <atomic>
#include <cstdint>
#include <thread>

#include <racetrack/explore.hpp>

namespace {
template <bool kTagged>
class Cells {
 public:
  Cells() {
    for (std::uint32_t cell = 0; cell < 3; ++cell) {
      next_[cell] = cell + 1;
    }
  }
  int acquire() {
    std::uint64_t head = head_.load();
    for (;;) {
      const auto index = static_cast<std::uint32_t>(head);
      if (index == 3) {
        return -1;
      }
      const std::uint64_t next = next_[index].load();
      const std::uint64_t wanted = kTagged ? (((head >> 32) + 1) << 32) | next : next;
      if (head_.compare_exchange_weak(head, wanted)) {
        racetrack::check(!used_[index].exchange(true), "a cell has one owner");
        return static_cast<int>(index);
      }
    }
  }
  void release(int cell) {
    const auto index = static_cast<std::uint32_t>(cell);
    used_[index] = false;
    std::uint64_t head = head_.load();
    for (;;) {
      next_[index] = static_cast<std::uint32_t>(head);
      const std::uint64_t wanted = kTagged ? (((head >> 32) + 1) << 32) | index : index;
      if (head_.compare_exchange_weak(head, wanted)) {
        return;
      }
    }
  }

 private:
  std::atomic<std::uint64_t> head_ = 0;
  std::array<std::atomic<std::uint32_t>, 3> next_{};
  std::array<std::atomic<bool>, 3> used_{};
};
template <bool kTagged>
void run() {
  Cells<kTagged> cells;
  std::thread one([&] {
    const int a = cells.acquire();
    const int b = cells.acquire();
    if (a >= 0) {
      cells.release(a);
    }
    const int c = cells.acquire();
    (void)b;
    (void)c;
  });
  const int mine = cells.acquire();
  const int more = cells.acquire();
  (void)mine;
  (void)more;
  one.join();
}
}  // namespace
RACETRACK_EXPLORE(cells_without_tag) { run<false>(); }
RACETRACK_EXPLORE(cells_with_tag) { run<true>(); }
