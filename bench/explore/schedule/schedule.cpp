#include "explore/schedule/schedule.hpp"

#include <array>
#include <charconv>

namespace racetrack::explore {
namespace {

/// One digit for each thread, and for each of as many alternatives.
constexpr std::string_view kDigits = "0123456789abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ_+";
static_assert(kDigits.size() == kMostThreads);

std::string in_base_36(std::uint32_t value) {
  std::array<char, 8> text{};
  const auto end = std::to_chars(text.data(), text.data() + text.size(), value, 36).ptr;
  return {text.data(), end};
}

/// A checksum of the text, which detects truncation.
std::string check_of(std::string_view text) {
  std::uint32_t sum = 2166136261U;  // FNV-1a
  for (const char letter : text) sum = (sum ^ static_cast<unsigned char>(letter)) * 16777619U;
  return in_base_36(sum % 46656U);
}

}  // namespace

// 'w' for weak memory; reuse (a capital letter on a slow machine); spurious failures; 'z' or 'n' for memory that is
// zero or random; 'e' and the seed of random devices. Then each departure: thread and choice (a digit each), and point,
// with '-' between departures; '-' and a checksum at the end. In front of all these: 's' for plain accesses as steps;
// 'p', the number of races passed and '_' when there are any.
std::string Schedule::text() const {
  std::string text = plain_steps ? "s" : "";
  if (races_passed != 0) text += "p" + in_base_36(races_passed) + "_";
  if (memory == Memory::weak) text += "w";
  text += reuse ? (slow ? 'R' : 'r') : (slow ? 'K' : 'k');
  text += kDigits[spurious_failures % 36U];
  if (fill != Fill::pattern) text += fill == Fill::zero ? 'z' : 'n';
  if (entropy != 0) text += "e" + in_base_36(entropy);
  for (const Departure& each : departures) {
    text += '-';
    text += kDigits[each.thread];
    text += kDigits[each.choice];
    text += in_base_36(each.point);
  }
  return text + "-" + check_of(text);
}

std::optional<Schedule> Schedule::parse(std::string_view text) {
  const std::size_t last = text.rfind('-');
  if (last == std::string_view::npos || last < 2 || check_of(text.substr(0, last)) != text.substr(last + 1)) {
    return std::nullopt;
  }
  text = text.substr(0, last);
  Schedule schedule;
  if (text[0] == 's') {
    schedule.plain_steps = true;
    text.remove_prefix(1);
  }
  if (text.starts_with("p")) {
    const std::size_t end = text.find('_');
    if (end == std::string_view::npos) return std::nullopt;
    const auto [stop, error] = std::from_chars(text.data() + 1, text.data() + end, schedule.races_passed, 36);
    if (error != std::errc{} || stop != text.data() + end) return std::nullopt;
    text.remove_prefix(end + 1);
  }
  if (text.size() < 2) return std::nullopt;
  if (text[0] == 'w') {
    schedule.memory = Memory::weak;
    text.remove_prefix(1);
  }
  if (text.size() < 2) return std::nullopt;
  const std::size_t world = std::string_view("rkRK").find(text[0]);
  if (world == std::string_view::npos) return std::nullopt;
  schedule.reuse = world % 2 == 0;
  schedule.slow = world >= 2;
  schedule.spurious_failures = static_cast<std::uint8_t>(kDigits.find(text[1]));
  std::size_t head = 2;
  if (head < text.size() && (text[head] == 'z' || text[head] == 'n')) {
    schedule.fill = text[head++] == 'z' ? Fill::zero : Fill::random;
  }
  if (head < text.size() && text[head] == 'e') {
    const std::string_view digits = text.substr(head + 1, text.find('-', head) - head - 1);
    const auto [stop, error] = std::from_chars(digits.data(), digits.data() + digits.size(), schedule.entropy, 36);
    if (error != std::errc{} || stop != digits.data() + digits.size()) return std::nullopt;
    head += 1 + digits.size();
  }
  if (head < text.size() && text[head] != '-') return std::nullopt;
  for (std::size_t at = head; at < text.size();) {
    const std::size_t end = std::min(text.find('-', at + 1), text.size());
    const std::string_view part = text.substr(at + 1, end - at - 1);
    if (part.size() < 3) return std::nullopt;
    Departure departure;
    departure.thread = static_cast<ThreadId>(kDigits.find(part[0]));
    departure.choice = static_cast<std::uint8_t>(kDigits.find(part[1]));
    const auto [stop, error] = std::from_chars(part.data() + 2, part.data() + part.size(), departure.point, 36);
    if (error != std::errc{} || stop != part.data() + part.size() || departure.thread >= kMostThreads ||
        departure.choice >= kDigits.size())
      return std::nullopt;
    schedule.departures.push_back(departure);
    at = end;
  }
  return schedule;
}

}  // namespace racetrack::explore
