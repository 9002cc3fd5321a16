#include "host/schedule.hpp"

#include <array>
#include <cerrno>
#include <csignal>
#include <limits>

#include <poll.h>
#include <unistd.h>

#include "host/child_process.hpp"
#include <racetrack/parameters.hpp>

#include "host/exit.hpp"
#include "host/safe_text.hpp"

namespace racetrack::host {

Assignment parse_assignment(const std::string& line) {
  // Split from the right: a name may contain spaces.
  const std::size_t seed = line.rfind(' ');
  const std::size_t fork = seed == std::string::npos || seed == 0 ? std::string::npos : line.rfind(' ', seed - 1);
  if (fork != std::string::npos && fork > 0) {
    const auto fork_number = to_number(std::string_view(line).substr(fork + 1, seed - fork - 1));
    const auto seed_number = to_number(std::string_view(line).substr(seed + 1));
    if (fork_number && seed_number && *fork_number <= std::numeric_limits<unsigned>::max()) {
      return {line.substr(0, fork), static_cast<unsigned>(*fork_number), *seed_number};
    }
  }
  throw usage_error("--schedule: " + quoted_or_hex(line) + " is not a turn: write CASE FORK SEED");
}

std::optional<Assignment> Schedule::next() {
  while (true) {
    const std::size_t end = unread_.find('\n');
    if (end != std::string::npos) {
      const std::string line = unread_.substr(0, end);
      unread_.erase(0, end + 1);
      return parse_assignment(line);
    }
    if (!read_more()) return std::nullopt;
  }
}

bool Schedule::read_more() {
  sigset_t no_signals;
  sigemptyset(&no_signals);
  while (!Interruptions::requested()) {
    pollfd watched{file_, POLLIN, 0};
    // Signals are unblocked only during this wait (Interruptions).
    if (ppoll(&watched, 1, nullptr, &no_signals) <= 0) continue;
    std::array<char, 4096> buffer{};
    const ssize_t n = read(file_, buffer.data(), buffer.size());
    if (n < 0 && errno == EINTR) continue;
    if (n <= 0) return false;
    unread_.append(buffer.data(), static_cast<std::size_t>(n));
    return true;
  }
  return false;
}

}  // namespace racetrack::host
