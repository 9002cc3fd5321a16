// A free list of nodes: each thread takes two nodes, uses them and puts them back. The list is Treiber's stack (Systems
// Programming: Coping with Parallelism, IBM RJ 5118, 1986). A node must belong to one thread at a time.
//
//   untagged_...  fails by ABA. A thread reads top = A and A's next = B. Another thread then takes A, takes B and puts
//                 A back. The first thread finds A on top as before and makes B the top, although the other thread has
//                 B. Two threads are enough.
//   tagged_...    correct: every change of top increments a tag in its other half (IBM's own remedy).
#include <array>
#include <atomic>
#include <cstddef>
#include <cstdint>
#include <string>
#include <type_traits>

#include <racetrack/lock.hpp>
#include <racetrack/plugin.hpp>

namespace {

using Index = std::uint32_t;
constexpr Index kNone = ~Index{0};
constexpr Index kNodes = 8;

struct Top {
  Index node;
};
struct alignas(8) TaggedTop {
  Index node;
  std::uint32_t tag;
};

template <class TopType, std::size_t kThreadCount>
class FreeList {
 public:
  static constexpr std::size_t kThreads = kThreadCount;
  static_assert(2 * kThreads <= kNodes, "no thread may find the list empty");

  FreeList() {
    for (Index node = 0; node < kNodes; ++node) put(node);
  }

  void step(std::size_t /*thread*/) {
    const Index first = take(), second = take();
    use(first);
    use(second);
    put(first);
    put(second);
  }

  [[nodiscard]] racetrack::Verdict check() const {
    std::array<unsigned, kNodes> seen{};
    Index free = 0;
    for (Index node = top_.load().node; node < kNodes && seen[node]++ == 0; node = next_[node]) ++free;
    const std::size_t shared = shared_;
    if (shared == 0 && free == kNodes) return {};
    return {racetrack::Result::fail, shared != 0 ? "exclusion" : "lost", "oracle.count",
            std::to_string(shared) + " times a thread took a node that another thread had; the list has " +
                std::to_string(free) + " of " + std::to_string(kNodes) + " nodes left"};
  }

 private:
  /// Returns kNone when the list is empty, which happens only once the list is broken.
  Index take() {
    TopType top = top_;
    while (top.node != kNone && !top_.compare_exchange_weak(top, changed(top, next_[top.node]))) {
    }
    return top.node;
  }
  void put(Index node) {
    if (node == kNone) return;
    TopType top = top_;
    do {
      next_[node] = top.node;
    } while (!top_.compare_exchange_weak(top, changed(top, node)));
  }
  void use(Index node) {
    if (node == kNone) return;
    if (used_[node].exchange(true)) ++shared_;
    used_[node] = false;
  }
  static TopType changed(const TopType& top, Index node) {
    if constexpr (std::is_same_v<TopType, TaggedTop>) {
      return {node, top.tag + 1};
    } else {
      static_cast<void>(top);
      return {node};
    }
  }

  std::array<std::atomic<Index>, kNodes> next_{};
  std::array<std::atomic<bool>, kNodes> used_{};
  std::atomic<std::size_t> shared_{0};
  alignas(racetrack::kApart) std::atomic<TopType> top_{changed(TopType{}, kNone)};
};

}  // namespace

RACETRACK_PLUGIN(registry) {
  using racetrack::Grade;
  using racetrack::lock::Family;
  const racetrack::lock::Traits traits{.workload = "free_list"};
  const racetrack::Expectation broken{{.detector = "oracle.count", .kind = "*", .grade = Grade::must},
                                      {.detector = "explore*", .kind = "*", .grade = Grade::must},
                                      {.detector = "watchdog", .kind = "*", .grade = Grade::may}};
  registry.add<Family, FreeList<Top, 2>>("untagged_two_threads", traits, broken, racetrack::Standing::control);
  registry.add<Family, FreeList<Top, 3>>("untagged_three_threads", traits, broken, racetrack::Standing::control);
  registry.add<Family, FreeList<TaggedTop, 2>>("tagged_two_threads", traits);
  registry.add<Family, FreeList<TaggedTop, 3>>("tagged_three_threads", traits);
}
