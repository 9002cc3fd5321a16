// Memory that is put back between executions: remembered once, then compared and, where it differs, written.
#pragma once

#include <cstddef>
#include <cstdint>
#include <utility>
#include <vector>

namespace racetrack::explore {

/// Addresses from begin to before end.
struct Span {
  std::uintptr_t begin, end;
  [[nodiscard]] bool contains(std::uintptr_t address) const noexcept { return begin <= address && address < end; }
  [[nodiscard]] std::size_t size() const noexcept { return end - begin; }
};

/// Not thread-safe: one system thread drives everything.
class Snapshot {
 public:
  constexpr Snapshot() = default;
  Snapshot(const Snapshot&) = delete;
  Snapshot& operator=(const Snapshot&) = delete;
  ~Snapshot() { release(); }

  /// Memory that restore() compares each time.
  void add(Span span);
  /// Memory that hardly changes. Its whole pages are write-protected from guard() to release(), and only those that are written all the
  /// same are compared. A system call that writes there first fails with EFAULT.
  void add_guarded(Span span);
  /// Forgets which memory it was.
  void clear() noexcept;

  /// Remembers what the memory holds now.
  void take();
  /// Puts all of it back, and begins the write protection.
  void guard();
  /// Puts back what may have changed since guard().
  void restore() const noexcept;
  /// Ends the write protection.
  void release() noexcept;
  /// After a fault: was that the first write to a guarded page? Then it may be repeated.
  bool unguard(std::uintptr_t address) noexcept;

 private:
  static constexpr std::size_t kPage = 4096;
  struct Range {
    Span span;
    std::vector<char> content;
  };
  struct Pages {
    Range range;
    std::vector<bool> writable;  ///< per page
  };

  std::vector<Range> ranges_;
  std::vector<Pages> guarded_;
  std::vector<std::pair<std::size_t, std::size_t>> written_;  ///< index in guarded_, page there
};

}  // namespace racetrack::explore
