// endless: a program prints its process number and the time repeatedly until it receives SIGINT.
//
//   reader --starts--> [program] --"4711 12.345678901\n" ...--> reader, --SIGINT--> it ends      metrics: lines per
//                                                                                                second, lateness, stop
//
// Every line must be complete, including the last one, and come from the program itself, with times that do not
// decrease. The program must end within a second after SIGINT.
#pragma once

#include <algorithm>
#include <array>
#include <cerrno>
#include <chrono>
#include <concepts>
#include <csignal>
#include <cstdint>
#include <memory>
#include <optional>
#include <stdexcept>
#include <string>
#include <string_view>
#include <system_error>
#include <utility>
#include <vector>

#include <fcntl.h>
#include <poll.h>
#include <spawn.h>
#include <sys/syscall.h>
#include <sys/types.h>
#include <unistd.h>

#include <racetrack/clock.hpp>
#include <racetrack/descriptor.hpp>
#include <racetrack/parameters.hpp>
#include <racetrack/scenario.hpp>
#include <racetrack/spawn/ending.hpp>
#include <racetrack/spawn/given_time.hpp>
#include <racetrack/spawn/process_start.hpp>

namespace racetrack::spawn {

/// A program to start. command(interval_us) returns its path and arguments. The program prints lines of its process
/// number, a space, and CLOCK_MONOTONIC in seconds with nine decimals, `interval_us` microseconds apart. An empty path
/// means that the program does not exist.
template <class Subject>
concept EndlessProgram = std::default_initializable<Subject> &&
    requires(const Subject& subject, std::uint64_t interval_us) {
  { subject.command(interval_us) } -> std::same_as<std::vector<std::string>>;
};

/// Returns the time in nanoseconds from a complete line of process `process`, or nothing for any other line.
inline std::optional<std::uint64_t> time_of_line(std::string_view line, pid_t process) {
  constexpr std::size_t kDecimals = 9;
  const std::string prefix = std::to_string(process) + " ";
  if (!line.starts_with(prefix)) return std::nullopt;
  line.remove_prefix(prefix.size());
  const std::size_t point = line.find('.');
  if (point == std::string_view::npos || line.size() != point + 1 + kDecimals) return std::nullopt;
  const auto seconds = to_number(line.substr(0, point)), nanoseconds = to_number(line.substr(point + 1));
  if (!seconds || !nanoseconds) return std::nullopt;
  return *seconds * 1'000'000'000U + *nanoseconds;
}

/// A running program with its standard output on a pipe. The destructor kills it.
class PrintingProgram {
 public:
  /// Starts the program. Throws std::system_error when it cannot be started.
  explicit PrintingProgram(std::vector<std::string> command) {
    std::array<int, 2> ends{};
    if (pipe2(ends.data(), O_CLOEXEC) != 0)
      throw std::system_error(errno, std::generic_category(), "cannot make a pipe");
    output_ = Descriptor(ends[0]);
    const Descriptor write_end(ends[1]);
    std::vector<char*> arguments;
    for (std::string& word : command) arguments.push_back(word.data());
    arguments.push_back(nullptr);
    std::array<char*, 1> environment{nullptr};
    posix_spawn_file_actions_t actions;
    posix_spawn_file_actions_init(&actions);
    posix_spawn_file_actions_adddup2(&actions, write_end.get(), STDOUT_FILENO);
    const int error =
        posix_spawn(&process_, arguments.front(), &actions, nullptr, arguments.data(), environment.data());
    posix_spawn_file_actions_destroy(&actions);
    if (error != 0) throw std::system_error(error, std::generic_category(), "cannot start " + command.front());
    ended_ = Descriptor(static_cast<int>(syscall(SYS_pidfd_open, process_, 0)));
  }
  PrintingProgram(const PrintingProgram&) = delete;
  PrintingProgram& operator=(const PrintingProgram&) = delete;
  ~PrintingProgram() {
    if (ending_) return;
    kill(process_, SIGKILL);
    static_cast<void>(wait());
  }

  [[nodiscard]] pid_t process() const noexcept { return process_; }
  /// Sends SIGINT.
  void interrupt() const noexcept { kill(process_, SIGINT); }

  /// Appends new output to `text` and waits at most `patience` for it. Returns false when there was none.
  bool read_more(std::string& text, std::chrono::milliseconds patience) const {
    if (!becomes_ready(output_, patience)) return false;
    std::array<char, 4096> buffer;
    const ssize_t got = read(output_.get(), buffer.data(), buffer.size());
    if (got > 0) text.append(buffer.data(), static_cast<std::size_t>(got));
    return got > 0;
  }
  /// Returns whether the program ends within `patience`.
  [[nodiscard]] bool ends_within(std::chrono::milliseconds patience) const { return becomes_ready(ended_, patience); }

  /// Blocks until the program has ended and returns how it ended.
  const Ending& wait() {
    if (!ending_) ending_ = wait_for(process_);
    return *ending_;
  }

 private:
  static bool becomes_ready(const Descriptor& descriptor, std::chrono::milliseconds patience) {
    pollfd watched{descriptor.get(), POLLIN, 0};
    return poll(&watched, 1, static_cast<int>(patience.count())) > 0;
  }

  Descriptor output_, ended_;
  pid_t process_ = -1;
  std::optional<Ending> ending_;
};

/// The round of `endless`.
template <EndlessProgram Subject>
class EndlessRound final : public Round {
 public:
  explicit EndlessRound(const RoundPlan& plan)
      : plan_(plan), interval_us_(plan.params.number("interval_us", 1000)), lines_(plan.work) {}

  [[nodiscard]] std::vector<Role> roles() const override { return {{"reader", 1}}; }

  void run(std::size_t /*thread*/, ThreadLog& log) override {
    constexpr std::chrono::milliseconds kPollInterval{50};
    PrintingProgram program(Subject().command(interval_us_));
    std::string text;
    while (whole_ < lines_ && !plan_.stop->raised()) {
      if (program.read_more(text, kPollInterval)) {
        take_lines(text, program.process(), log);
      } else if (program.ends_within(std::chrono::milliseconds(0))) {
        break;
      }
    }
    log.work_done = std::min(whole_, lines_);
    const Ticks asked = ticks_before();
    program.interrupt();
    GivenTime given(program.process(), kPollInterval);
    while (!(stopped_ = program.ends_within(kPollInterval)) && given.sample() < kStopLimit && !plan_.stop->raised()) {
    }
    given_to_stop_ = given.given();
    stop_ticks_ = ticks_after() - asked;
    if (stopped_) {
      while (program.read_more(text, std::chrono::milliseconds(0))) take_lines(text, program.process(), log);
      ending_ = program.wait();
    }
    if (!text.empty() && stopped_ && torn_++ == 0) first_torn_ = text.substr(0, 80);
  }

  [[nodiscard]] std::vector<Measurement> measurements() const override {
    return {{"stop_ns", plan_.clock.ns(stop_ticks_)}};
  }

  [[nodiscard]] Verdict check() const override {
    if (!stopped_ && given_to_stop_ < kStopLimit) {
      return {Result::unknown, "hang", "oracle.stop",
              "the program had not ended after SIGINT and was killed, but the machine gave it only " +
                  std::to_string(std::chrono::duration_cast<std::chrono::milliseconds>(given_to_stop_).count()) +
                  " ms to end"};
    }
    if (!stopped_) {
      return {Result::fail, "hang", "oracle.stop", "the program had not ended a second after SIGINT and was killed"};
    }
    if (torn_ != 0) {
      return {Result::fail, "torn", "oracle.lines",
              std::to_string(torn_) + " lines are incomplete or out of order; the first: \"" + first_torn_ + "\""};
    }
    if (whole_ < lines_) {
      return {Result::fail, "lost", "oracle.lines",
              std::to_string(whole_) + " of " + std::to_string(lines_) +
                  " lines were printed before the program ended with " + ending_.text()};
    }
    const bool by_sigint = ending_ == Ending{Ending::How::signal, SIGINT};
    if (ending_.how == Ending::How::signal && !by_sigint) {
      return {Result::fail, "crash", "process", "the program ended with " + ending_.text()};
    }
    return {};
  }

 private:
  /// Moves the complete lines from the front of `text` into the results.
  void take_lines(std::string& text, pid_t process, ThreadLog& log) {
    std::size_t begin = 0;
    for (std::size_t end = 0; (end = text.find('\n', begin)) != std::string::npos; begin = end + 1) {
      const std::string_view line(text.data() + begin, end - begin);
      const auto time = time_of_line(line, process);
      if (!time || *time < last_) {
        if (torn_++ == 0) first_torn_ = std::string(line.substr(0, 80));
        continue;
      }
      last_ = *time;
      if (whole_ == 0) first_ = *time;
      const std::uint64_t due = first_ + whole_++ * interval_us_ * 1000;
      if (plan_.probe == ProbeKind::throughput) {
        log.latencies[0].record(plan_.clock.ticks_of(static_cast<double>(*time - std::min(*time, due))));
      }
    }
    text.erase(0, begin);
  }

  static constexpr std::chrono::milliseconds kStopLimit{1000};  ///< of time that the machine gives to the program

  RoundPlan plan_;
  std::uint64_t interval_us_, lines_;
  std::uint64_t whole_ = 0, torn_ = 0, first_ = 0, last_ = 0;
  std::string first_torn_;
  bool stopped_ = false;
  GivenTime::Duration given_to_stop_{};
  Ticks stop_ticks_ = 0;
  Ending ending_;
};

}  // namespace racetrack::spawn
