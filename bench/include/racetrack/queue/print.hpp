// print: the lecture's garbled output. Workers print lines of several pieces to the same standard output.
//
//   worker 0: "Worker 0 " "got " "17" "\n" --+
//   worker 1: "Worker 1 " "got " "42" "\n" ----> standard output      metrics: lines per second, torn lines
#pragma once

#include <algorithm>
#include <cstdio>
#include <iostream>
#include <memory>
#include <stdexcept>
#include <string>
#include <string_view>
#include <system_error>
#include <vector>

#include <fcntl.h>
#include <sys/mman.h>
#include <unistd.h>

#include <racetrack/probe.hpp>
#include <racetrack/queue/contract.hpp>
#include <racetrack/scenario.hpp>

namespace racetrack::queue {

/// Writes the pieces of one line to std::cout. All workers call it concurrently.
template <class Subject>
concept Printer = std::default_initializable<Subject> &&
    requires(Subject& printer, std::uint64_t worker, std::uint64_t number) {
  printer.print_line(worker, number);
};

/// Redirects the standard output of the process into a memory file while it exists.
class CapturedOutput {
 public:
  CapturedOutput() {
    std::cout.flush();
    std::fflush(stdout);
    saved_ = dup(STDOUT_FILENO);
    memory_ = memfd_create("racetrack-print", MFD_CLOEXEC);
    if (saved_ < 0 || memory_ < 0 || dup2(memory_, STDOUT_FILENO) < 0) {
      throw std::system_error(errno, std::generic_category(), "cannot redirect standard output");
    }
  }
  CapturedOutput(const CapturedOutput&) = delete;
  CapturedOutput& operator=(const CapturedOutput&) = delete;
  ~CapturedOutput() {
    restore();
    close(memory_);
  }

  /// Ends the redirection and returns the captured text.
  std::string take() {
    restore();
    std::string text(static_cast<std::size_t>(lseek(memory_, 0, SEEK_END)), '\0');
    std::size_t filled = 0;
    while (filled < text.size()) {
      const ssize_t got = pread(memory_, text.data() + filled, text.size() - filled, static_cast<off_t>(filled));
      if (got <= 0) break;
      filled += static_cast<std::size_t>(got);
    }
    text.resize(filled);
    return text;
  }

 private:
  void restore() {
    if (saved_ < 0) return;
    std::cout.flush();
    std::fflush(stdout);
    dup2(saved_, STDOUT_FILENO);
    close(saved_);
    saved_ = -1;
  }

  int saved_ = -1;
  int memory_ = -1;
};

/// Returns whether a line, without its newline, is complete: "Worker 1 got 42" and nothing else.
inline bool is_whole_line(std::string_view line, std::size_t workers) noexcept {
  for (std::size_t worker = 0; worker < workers; ++worker) {
    const std::string prefix = "Worker " + std::to_string(worker) + " got ";
    if (line.starts_with(prefix) && to_number(line.substr(prefix.size()))) return true;
  }
  return false;
}

/// The round of `print`.
template <class Subject, class Probe>
class Print final : public Round {
 public:
  explicit Print(const RoundPlan& plan) : plan_(plan), workers_(plan.params.number("workers", 2)) {}

  [[nodiscard]] std::vector<Role> roles() const override { return {{"worker", workers_}}; }

  void run(std::size_t thread, ThreadLog& log) override {
    Probe probe(log, plan_, thread);
    const std::uint64_t lines = plan_.work / workers_;
    for (std::uint64_t line = 0; line < lines; ++line) {
      probe.begin();
      printer_.print_line(thread, line);
      probe.end(Action::push, value_of(thread, line), Outcome::ok);
    }
    log.work_done = lines;
  }

  void settle(ThreadLog& log) override {
    const std::string text = output_.take();
    std::size_t begin = 0;
    while (begin < text.size()) {
      const std::size_t end = std::min(text.find('\n', begin), text.size());
      const std::string_view line(text.data() + begin, end - begin);
      ++lines_;
      if (!is_whole_line(line, workers_)) {
        if (torn_++ == 0) first_torn_ = std::string(line.substr(0, 80));
      }
      begin = end + 1;
    }
    log.counts[0] += torn_;
  }

  [[nodiscard]] Verdict check() const override {
    if (torn_ == 0) return {};
    return {Result::fail, "torn", "oracle.lines",
            std::to_string(torn_) + " of " + std::to_string(lines_) + " lines are torn; the first: \"" + first_torn_ +
                "\""};
  }

  [[nodiscard]] std::vector<Measurement> measurements() const override {
    return {{"torn_lines_count", static_cast<double>(torn_)}, {"lines_count", static_cast<double>(lines_)}};
  }

 private:
  RoundPlan plan_;
  std::size_t workers_;
  CapturedOutput output_;
  Subject printer_;
  std::uint64_t torn_ = 0, lines_ = 0;
  std::string first_torn_;
};

/// Registers `print`: registry.add<racetrack::queue::Printers, MyPrinter>("my_printer", {...}).
struct Printers {
  using Traits = queue::Traits;

  template <Printer Subject>
  static void describe(Registry& registry, std::string_view name, const Traits& traits, const Expectation& expectation,
                       Standing standing) {
    Scenario scenario;
    scenario.family = "queue";
    scenario.workload = "print";
    scenario.subject = name;
    scenario.standing = standing;
    scenario.expectation = expectation;
    scenario.traits = {{"library", traits.library}, {"progress", std::string(to_word(traits.progress))}};
    scenario.axes = {{.name = "workers", .defaults = {"2"}, .full = {"1", "2", "4"}, .largest = 64}};
    scenario.counters = {"torn_lines"};
    scenario.unit = "line";
    scenario.most_work = 1'000'000;
    scenario.explored_work = 0;  // not explored: an execution cannot restore the standard output of the process
    scenario.make_round = [](const RoundPlan& plan) -> std::unique_ptr<Round> {
      switch (plan.probe) {
        case ProbeKind::throughput: return std::make_unique<Print<Subject, ThroughputProbe>>(plan);
        case ProbeKind::latency: break;
        case ProbeKind::history: return std::make_unique<Print<Subject, HistoryProbe>>(plan);
      }
      throw std::invalid_argument("the workload has no such probe");
    };
    registry.add(std::move(scenario));
  }
};

}  // namespace racetrack::queue
