#include "host/schedule.hpp"

#include <array>
#include <cerrno>
#include <csignal>
#include <sstream>

#include <poll.h>
#include <unistd.h>

#include "host/child_process.hpp"
#include "host/exit.hpp"

namespace racetrack::host {

Assignment parse_assignment(const std::string& line) {
  std::istringstream words(line);
  Assignment assignment;
  std::string rest;
  if (!(words >> assignment.name >> assignment.fork >> assignment.seed) || words >> rest) {
    throw usage_error("--schedule: '" + line + "' is no turn: write CASE FORK SEED");
  }
  return assignment;
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
    // Signals are let in while it waits here, and nowhere else (Interruptions).
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
