// The effects of one step of a thread that other threads can observe, and the dependence between steps.
#pragma once

#include <cstddef>
#include <cstdint>
#include <optional>
#include <vector>

namespace racetrack::explore {

/// One access of memory or of a synchronisation object, or another effect whose order among threads is observable.
struct Touch {
  enum class Kind : std::uint8_t {
    read,
    write,
    invocation,  ///< the harness records an operation's begin: ordered with responses, not with other invocations
    response,
    lock,    ///< of a mutex; the thread would have waited for it
    unlock,  ///< of a mutex
    time,    ///< the step depends on the number of steps of all threads so far
  };
  Kind kind = Kind::read;
  std::uintptr_t address = 0;  ///< or one of the pseudo addresses below
  std::size_t size = 0;
};

/// Pseudo addresses of effects without an address.
inline constexpr std::uintptr_t kPseudoNumbering = 1;  ///< numbering of threads
inline constexpr std::uintptr_t kPseudoHeap = 2;       ///< and one per size class: which block is allocated next
inline constexpr std::uintptr_t kPseudoTime = 63;      ///< which deadlines have passed
inline constexpr std::uintptr_t kPseudoScOrder = 64;   ///< weak memory: seq_cst fences among seq_cst operations

class Footprint {
 public:
  void clear() noexcept;
  void add(const Touch& touch);
  /// Whether the order of the two steps is observable. It is not when they touch different memory, or only read the
  /// same.
  [[nodiscard]] bool depends_on(const Footprint& other) const noexcept;
  /// The mutex that the earlier step unlocks and this one locks, when the steps depend on each other in nothing else.
  [[nodiscard]] std::optional<std::uintptr_t> handed_over_by(const Footprint& earlier) const noexcept;
  [[nodiscard]] bool locks(std::uintptr_t mutex) const noexcept;

 private:
  struct Range {
    std::uintptr_t begin, end;
    Touch::Kind kind;
    [[nodiscard]] bool writes() const noexcept { return kind != Touch::Kind::read; }
  };
  static bool depend(const Range& one, const Range& two) noexcept {
    return (one.writes() || two.writes()) && one.begin < two.end && two.begin < one.end;
  }
  [[nodiscard]] bool depends_on_more_than_memory(const Footprint& other) const noexcept;
  static constexpr std::size_t kMostRanges = 64;

  std::vector<Range> ranges_;
  std::uint64_t reads_ = 0, writes_ = 0;  ///< a bit per hashed word: without a common bit, no word is common
  bool invokes_ = false, responds_ = false, everything_ = false;
};

}  // namespace racetrack::explore
