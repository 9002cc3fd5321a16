// Parameters: the values that distinguish the cases of a scenario.
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

/// Returns `text` as a non-negative decimal number, or nothing when it is not one.
inline std::optional<std::uint64_t> to_number(std::string_view text) noexcept {
  std::uint64_t value = 0;
  const auto [end, error] = std::from_chars(text.data(), text.data() + text.size(), value);
  if (error != std::errc{} || end != text.data() + text.size()) return std::nullopt;
  return value;
}

/// Ordered name:value pairs, in the order of a case's name.
class Parameters {
 public:
  using Pair = std::pair<std::string, std::string>;

  /// Sets a parameter, or replaces its value.
  void set(std::string_view name, std::string_view value) {
    for (auto& [known, old] : pairs_) {
      if (known == name) {
        old = value;
        return;
      }
    }
    pairs_.emplace_back(name, value);
  }

  /// Returns whether there is a parameter of this name.
  [[nodiscard]] bool has(std::string_view name) const noexcept { return find(name) != nullptr; }

  /// Returns the value as text. Throws std::out_of_range when there is no such parameter.
  [[nodiscard]] const std::string& text(std::string_view name) const {
    if (const std::string* value = find(name)) return *value;
    throw std::out_of_range("no parameter '" + std::string(name) + "'");
  }

  /// Returns the value as a number, or `otherwise` when the parameter is missing or a word (capacity:unbounded).
  [[nodiscard]] std::uint64_t number(std::string_view name, std::uint64_t otherwise = 0) const noexcept {
    const std::string* value = find(name);
    return value == nullptr ? otherwise : to_number(*value).value_or(otherwise);
  }

  /// Returns all pairs, in order.
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
  /// Values under stress, where small values are harder. Empty: those of the default sweep.
  std::vector<std::string> stress{};
  /// Values for the explorer, where small values keep the search short. Empty: those under stress.
  std::vector<std::string> explore{};
  std::vector<std::string> judge{};  ///< additional values for the benchmark's recorded rounds; these are never timed
  std::uint64_t smallest = 1;        ///< smallest number that a user may choose
  std::uint64_t largest = 0;         ///< largest number that a user may choose; 0: words only
  std::vector<std::string> words{};  ///< words that a user may choose

  /// Returns an error message when `value` is out of range, or nothing.
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
