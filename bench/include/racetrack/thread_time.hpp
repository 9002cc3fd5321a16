// The time that the machine gave to a thread, from the kernel's accounting in procfs (proc(5)).
#pragma once

#include <algorithm>
#include <array>
#include <charconv>
#include <chrono>
#include <cstddef>
#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include <fcntl.h>
#include <unistd.h>

#include <racetrack/descriptor.hpp>

namespace racetrack {

/// Returns the numbers at the beginning of a text, which blanks separate.
inline std::vector<std::int64_t> numbers_in(std::string_view text) {
  std::vector<std::int64_t> numbers;
  const char *at = text.data(), *const end = text.data() + text.size();
  for (;;) {
    while (at != end && (*at == ' ' || *at == '\n')) ++at;
    std::int64_t number = 0;
    const auto [after, error] = std::from_chars(at, end, number);
    if (error != std::errc{}) return numbers;
    numbers.push_back(number);
    at = after;
  }
}

/// Returns the beginning of a small file in `buffer`, or "" when it cannot be read. It does not use a stream, because
/// watchdogs call it often.
inline std::string_view read_beginning(const std::string& path, std::array<char, 4096>& buffer) {
  const Descriptor file(open(path.c_str(), O_RDONLY | O_CLOEXEC));
  if (file.get() < 0) return {};
  const ssize_t got = ::read(file.get(), buffer.data(), buffer.size());
  return {buffer.data(), got > 0 ? static_cast<std::size_t>(got) : 0};
}

/// The state of a thread at one time, and its times since its start.
struct ThreadTime {
  using Duration = std::chrono::nanoseconds;

  char state = '?';   ///< as in /proc/PID/stat
  Duration ran{};     ///< on a processor
  Duration waited{};  ///< runnable, waiting for a processor

  /// Reads a folder such as /proc/PID or /proc/PID/task/TID. Returns nullopt when the kernel does not show the thread,
  /// or the thread has ended.
  static std::optional<ThreadTime> read(const std::string& folder) {
    std::array<char, 4096> buffer;
    const std::vector<std::int64_t> times = numbers_in(read_beginning(folder + "/schedstat", buffer));
    const std::string_view stat = read_beginning(folder + "/stat", buffer);
    const std::size_t name_end = stat.rfind(')');
    if (name_end == std::string_view::npos || name_end + 2 >= stat.size()) return std::nullopt;
    const char state = stat[name_end + 2];
    if (state == 'Z' || state == 'X') return std::nullopt;
    return ThreadTime{state, Duration(times.empty() ? 0 : times[0]), Duration(times.size() < 2 ? 0 : times[1])};
  }

  /// Returns the time on a processor since `before`, which was read `elapsed` ago.
  [[nodiscard]] Duration ran_since(const ThreadTime& before, Duration elapsed) const {
    return std::clamp<Duration>(ran - before.ran, Duration{}, elapsed);
  }

  /// Returns the time since `before`, which was read `elapsed` ago, in which the thread could run. A sleeping thread
  /// was given the whole interval except its wait for a processor. A runnable thread waited whenever it did not run. A
  /// stopped or traced thread waits for another process, and a thread in uninterruptible sleep for a device.
  [[nodiscard]] Duration given_since(const ThreadTime& before, Duration elapsed) const {
    const Duration on_processor = ran_since(before, elapsed);
    if (state != 'S') return on_processor;
    return std::clamp<Duration>(elapsed - (waited - before.waited), on_processor, elapsed);
  }
};

}  // namespace racetrack
