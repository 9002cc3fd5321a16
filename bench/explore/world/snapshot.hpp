// Memory that is restored between executions: saved once, then compared and, where it differs, written.
#pragma once

#include <cstddef>
#include <cstdint>
#include <utility>
#include <vector>

namespace racetrack::explore {

/// The addresses from `begin` to before `end`.
struct Span {
  std::uintptr_t begin, end;
  [[nodiscard]] bool contains(std::uintptr_t address) const noexcept { return begin <= address && address < end; }
  [[nodiscard]] std::size_t size() const noexcept { return end - begin; }
};

/// Not thread-safe: used by the system thread that runs executions.
class Snapshot {
 public:
  constexpr Snapshot() = default;
  Snapshot(const Snapshot&) = delete;
  Snapshot& operator=(const Snapshot&) = delete;
  ~Snapshot() { release(); }

  /// Adds memory that restore() compares each time.
  void add(Span span);
  /// Adds memory that rarely changes. Its whole pages are write-protected from guard() to release(), and restore()
  /// compares only those that have been written. A system call that writes to such a page first fails with EFAULT.
  void add_guarded(Span span);
  /// Removes all memory from the snapshot.
  void clear() noexcept;

  /// Saves the current content.
  void take();
  /// Restores all of the memory, and begins the write protection.
  void guard();
  /// Restores the memory that may have changed since guard().
  void restore() const noexcept;
  /// Ends the write protection.
  void release() noexcept;
  /// For a fault handler: returns true when the fault is the first write to a guarded page. The write may then be
  /// repeated.
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
