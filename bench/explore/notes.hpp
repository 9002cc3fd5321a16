// Limits of an exploration, as sentences. With any of them, no claim of exhaustion is made.
#pragma once

#include <string>
#include <string_view>
#include <vector>

namespace racetrack::explore {

/// A small set of short sentences, each "not controlled: ...", "not seen: ..." or "not tried: ...", in the order of
/// their first occurrence. Belongs to one exploration. Not thread-safe: the explorer runs one thread at a time.
class Notes {
 public:
  void clear() noexcept { all_.clear(); }
  /// Keeps each text once. Compares with each text kept, which is cheap enough for every execution. After kMost texts,
  /// one more states that others were dropped.
  void add(std::string_view text) {
    for (const std::string& known : all_) {
      if (known == text) return;
    }
    if (all_.size() == kMost) text = kDropped;
    if (all_.size() <= kMost) all_.emplace_back(text);
  }
  [[nodiscard]] const std::vector<std::string>& all() const noexcept { return all_; }

 private:
  static constexpr std::size_t kMost = 16;
  static constexpr std::string_view kDropped = "not controlled: more than is listed here";

  std::vector<std::string> all_;
};

}  // namespace racetrack::explore
