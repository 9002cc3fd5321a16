// What one step of a thread does, as far as other threads can tell; and which steps depend on each other.
#pragma once

#include <cstddef>
#include <cstdint>
#include <optional>
#include <vector>

namespace racetrack::explore {

/// One access of memory or of a synchronisation object, or something else whose order among threads shows.
struct Touch {
  enum class Kind : std::uint8_t {
    read,
    write,
    invocation,  ///< the harness stamps an operation's begin: ordered with responses, not with other invocations
    response,
    lock,    ///< of a mutex, by a thread that would have waited for it
    unlock,  ///< of a mutex
    time,    ///< it depends on how many steps there have been, whosever
  };
  Kind kind = Kind::read;
  std::uintptr_t address = 0;  ///< or a small number, for what has no address
  std::size_t size = 0;
};

/// Numbers of what has no address.
inline constexpr std::uintptr_t kPseudoNumbering = 1;  ///< of threads
inline constexpr std::uintptr_t kPseudoHeap = 2;       ///< and one per size class: which block is handed out next
inline constexpr std::uintptr_t kPseudoTime = 63;      ///< which deadlines have passed
inline constexpr std::uintptr_t kPseudoScOrder = 64;   ///< weak memory: seq_cst fences among all seq_cst operations

class Footprint {
 public:
  void clear() noexcept;
  void add(const Touch& touch);
  /// Can the two steps' order show? Not when they touch different memory, or only read the same.
  [[nodiscard]] bool depends_on(const Footprint& other) const noexcept;
  /// The mutex that the earlier step unlocks and this one locks, when they depend on each other in nothing else.
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
  std::uint64_t reads_ = 0, writes_ = 0;  ///< a bit per hashed word: no common bit, no common word
  bool invokes_ = false, responds_ = false, everything_ = false;
};

}  // namespace racetrack::explore
