// The choice of parameters that makes a case of a scenario.
#pragma once

#include <charconv>
#include <cstdint>
#include <optional>
#include <stdexcept>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

namespace racetrack {

/// `text` as a non-negative decimal number, or nothing.
inline std::optional<std::uint64_t> to_number(std::string_view text) noexcept {
  std::uint64_t value = 0;
  const auto [end, error] = std::from_chars(text.data(), text.data() + text.size(), value);
  if (error != std::errc{} || end != text.data() + text.size()) return std::nullopt;
  return value;
}

/// Ordered name:value pairs, as they stand in a case's name.
class Parameters {
 public:
  using Pair = std::pair<std::string, std::string>;

  /// Sets or replaces.
  void set(std::string_view name, std::string_view value) {
    for (auto& [known, old] : pairs_) {
      if (known == name) {
        old = value;
        return;
      }
    }
    pairs_.emplace_back(name, value);
  }

  [[nodiscard]] bool has(std::string_view name) const noexcept { return find(name) != nullptr; }

  /// Throws std::out_of_range when there is no such parameter.
  [[nodiscard]] const std::string& text(std::string_view name) const {
    if (const std::string* value = find(name)) return *value;
    throw std::out_of_range("no parameter '" + std::string(name) + "'");
  }

  /// The value as a number; `otherwise` when it is a word (capacity:unbounded) or missing.
  [[nodiscard]] std::uint64_t number(std::string_view name, std::uint64_t otherwise = 0) const noexcept {
    const std::string* value = find(name);
    return value == nullptr ? otherwise : to_number(*value).value_or(otherwise);
  }

  [[nodiscard]] const std::vector<Pair>& pairs() const noexcept { return pairs_; }
  bool operator==(const Parameters&) const = default;

 private:
  [[nodiscard]] const std::string* find(std::string_view name) const noexcept {
    for (const auto& [known, value] : pairs_) {
      if (known == name) return &value;
    }
    return nullptr;
  }

  std::vector<Pair> pairs_;
};

/// One dimension of a scenario's parameter space.
struct Axis {
  std::string name;
  std::vector<std::string> defaults;  ///< values of the default sweep
  std::vector<std::string> full;      ///< values of the full sweep
  std::vector<std::string> stress{};  ///< values under stress, where small is hard; empty: the default sweep's
  std::vector<std::string>
      explore{};  ///< values when every schedule counts, the smaller the better; empty: those under stress
  std::vector<std::string> judge{};  ///< values that the benchmark's recorded rounds use as well; they are never timed
  std::uint64_t smallest = 1;        ///< numbers a user may ask for
  std::uint64_t largest = 0;         ///< 0: no numbers, words only
  std::vector<std::string> words{};  ///< words a user may ask for

  /// Why `value` is out of range, or nothing.
  [[nodiscard]] std::optional<std::string> refuse(std::string_view value) const {
    for (const std::string& word : words) {
      if (word == value) return std::nullopt;
    }
    const auto number = to_number(value);
    if (number && largest != 0 && *number >= smallest && *number <= largest) return std::nullopt;
    std::string allowed;
    if (largest != 0) allowed = std::to_string(smallest) + ".." + std::to_string(largest);
    for (const std::string& word : words) allowed += (allowed.empty() ? "" : ", ") + word;
    return name + ":" + std::string(value) + " is out of range (" + allowed + ")";
  }
};

}  // namespace racetrack
