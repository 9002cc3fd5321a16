// Limits of an exploration, as sentences. A limit withholds every claim of exhaustion.
#pragma once

#include <string>
#include <string_view>
#include <vector>

namespace racetrack::explore {

/// A small set of short sentences, each "not controlled: ..." or "not tried: ...", in the order in which they came up. One exploration's;
/// not thread-safe: the explorer runs one thread at a time.
class Notes {
 public:
  void clear() noexcept { all_.clear(); }
  /// Keeps each text once. Costs a comparison with each text kept, so that it may be called in every execution. After kMost texts, one
  /// more says that others were dropped.
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
