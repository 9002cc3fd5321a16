// One child process from start to end, whatever it does.
#pragma once

#include <chrono>
#include <string>
#include <vector>

namespace racetrack::host {

struct ChildOutcome {
  enum class How { ok, exit, signal, timeout, interrupted };
  How how = How::ok;
  int value = 0;            ///< exit status or signal number
  std::string answer;       ///< what it wrote to descriptor 3
  std::string last_output;  ///< the end of what it wrote to its standard error
  double seconds = 0;
};

/// Blocks SIGINT and SIGTERM except while the host waits, so that none is missed. Make one before the first child.
class Interruptions {
 public:
  Interruptions();
  ~Interruptions();
  Interruptions(const Interruptions&) = delete;
  Interruptions& operator=(const Interruptions&) = delete;
  [[nodiscard]] static bool requested() noexcept;
};

/// Runs this executable again with `arguments`, `job` on its standard input, its standard output thrown away, and this process's
/// environment, in which `variables` (NAME=value) replace those of their names. Waits until it has ended, ends it (and what it
/// started) after `limit` or when an interruption is requested. `answer` is complete only for How::ok. Throws Failure(harness)
/// when no process can be made.
ChildOutcome run_child(const std::vector<std::string>& arguments, const std::string& job,
                       std::chrono::milliseconds limit, const std::vector<std::string>& variables = {});

/// In a child: writes the answer. Whole or not at all.
void give_answer(const std::string& text);

/// In a child: die with the parent, whose process number is `parent`.
void die_with_parent(int parent) noexcept;

}  // namespace racetrack::host
