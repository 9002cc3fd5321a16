// atomic_queue::AtomicQueue2, whose capacity is a template argument.
//
// Algorithm: a ring with one state byte per slot (empty, storing, stored, loading). A push takes a position
// from the head counter, a pop from the tail counter, both by compare-and-swap; then each waits until its
// slot's state lets it in.
// Source: Maxim Egorushkin, github.com/max0x7ba/atomic_queue.
// Order: none. Its README claims first in, first out only for push and pop in totally ordered mode, not for
// try_push and try_pop; and a slot's state has no lap number: when a consumer stops between taking its
// position and its slot, the consumer one lap later takes that slot's item in its place. Under load the order
// oracle sees it; two consumers are enough, or two producers.
// Progress: blocking: who has a position spins until its slot's state lets it in, so a stalled producer stops
// the consumer of its slot inside try_pop, where Vyukov's queue would say empty.
// Empty and full compare the counters of positions, so they are said too early beside a stalled thread.
// Capacity: chosen from two sizes by one branch per operation, always taken the same way; the library rounds
// to a power of two. Asked up to 64 gives 64, up to 1024 gives 1024, more is refused.
#include <memory>

#include <atomic_queue/atomic_queue.h>

#include <racetrack/plugin.hpp>
#include <racetrack/queue.hpp>

namespace {

constexpr std::uint64_t kSmall = 64, kLarge = 1024;

template <class Item>
class AtomicQueue2 {
  template <unsigned kSize>
  using Native = atomic_queue::AtomicQueue2<Item, kSize>;

 public:
  explicit AtomicQueue2(std::size_t capacity) {
    if (capacity <= kSmall) {
      small_ = std::make_unique<Native<kSmall>>();
    } else {
      large_ = std::make_unique<Native<kLarge>>();
    }
  }

  bool try_push(Item item) { return small_ ? small_->try_push(item) : large_->try_push(item); }
  bool try_pop(Item& item) { return small_ ? small_->try_pop(item) : large_->try_pop(item); }

 private:
  std::unique_ptr<Native<kSmall>> small_;
  std::unique_ptr<Native<kLarge>> large_;
};

std::uint64_t actual_capacity(std::uint64_t asked) noexcept { return asked <= kSmall ? kSmall : kLarge; }

}  // namespace

RACETRACK_PLUGIN(registry) {
  using namespace racetrack::queue;
  registry.add<Family, AtomicQueue2>("atomic_queue2", {.library = "atomic_queue 2022-05-18",
                                                       .order = none,
                                                       .progress = blocking,
                                                       .empty = may_fail_spuriously,
                                                       .full = may_fail_spuriously,
                                                       .actual_capacity = actual_capacity});
}
