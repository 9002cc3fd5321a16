#include "host/progress.hpp"

#include <cstdio>

#include <fmt/format.h>
#include <sys/ioctl.h>
#include <unistd.h>

#include "host/safe_text.hpp"

namespace racetrack::host {
namespace {

constexpr auto kPlainLineEvery = std::chrono::seconds(10);

std::size_t terminal_width() {
  winsize size{};
  return ioctl(STDERR_FILENO, TIOCGWINSZ, &size) == 0 && size.ws_col > 20 ? size.ws_col : 80;
}

}  // namespace

Progress::Progress(std::size_t total, bool quiet)
    : total_(total), quiet_(quiet), terminal_(isatty(STDERR_FILENO) == 1) {}

Progress::~Progress() {
  if (line_open_) fmt::print(stderr, "\r\x1b[K");
}

void Progress::show(std::size_t done, const std::string& name) {
  if (quiet_) return;
  const std::string text = fmt::format("[{}/{}] {} left  {}", done + 1, total_, time_left(done), name);
  if (terminal_) {
    fmt::print(stderr, "\r\x1b[K{}", printable_line(text.substr(0, terminal_width() - 1)));
    std::fflush(stderr);
    line_open_ = true;
  } else if (done == 0 || Clock::now() - last_line_ >= kPlainLineEvery) {
    print_safely(stderr, "{}\n", text);
    last_line_ = Clock::now();
  }
}

void Progress::print_line(const std::string& line) {
  fmt::print(stderr, "{}{}\n", line_open_ ? "\r\x1b[K" : "", printable(line));
  line_open_ = false;
}

void Progress::report_unexpected(const nlohmann::json& record) {
  const nlohmann::json& verdict = record["verdict"];
  if (verdict["as_expected"] != false) return;
  const auto text_of = [](const nlohmann::json& value, const char* otherwise) {
    return value.is_string() ? value.get<std::string>() : std::string(otherwise);
  };
  const nlohmann::json& witness = verdict["witness"];
  const char* const otherwise = verdict["result"] == "unknown" ? "inconclusive" : "not as expected";
  print_line(fmt::format("{}: {}: {}", text_of(record["case"], ""), text_of(verdict["kind"], otherwise),
                         witness.is_object() ? text_of(witness["text"], "") : ""));
}

std::string Progress::time_left(std::size_t done) const {
  if (done == 0) return "?";
  const double spent = std::chrono::duration<double>(Clock::now() - began_).count();
  const auto left = static_cast<long>(spent / static_cast<double>(done) * static_cast<double>(total_ - done));
  return fmt::format("{}:{:02}", left / 60, left % 60);
}

}  // namespace racetrack::host
