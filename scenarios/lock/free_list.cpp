// A free list of nodes, from which each thread takes two, uses them, and puts them back: the stack of Treiber (Systems Programming:
// Coping with Parallelism, IBM RJ 5118, 1986). Whoever has taken a node has it alone, or should.
//
//   untagged_...  a thread that has read top = A and A's next = B, and is overtaken by one that takes A, takes B and puts A back,
//                 finds A on top as before (ABA) and puts B there, which the other has. Two threads are enough.
//   tagged_...    clean: every change of top counts in its other half (IBM's own remedy).
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
  static_assert(2 * kThreads <= kNodes, "nobody may find the list empty");

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
            std::to_string(shared) + " times a node was taken that another thread had; of " + std::to_string(kNodes) +
                " nodes the list has " + std::to_string(free) + " left"};
  }

 private:
  /// kNone: there is none, which can only be once the list is broken.
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
