// One child process from start to end, whatever it does.
#pragma once

#include <chrono>
#include <string>
#include <utility>
#include <vector>

#include <nlohmann/json.hpp>

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

/// Environment variables, by name.
using Variables = std::vector<std::pair<std::string, std::string>>;

/// This process's environment with `variables` set, as NAME=value.
std::vector<std::string> environment_with(const Variables& variables);

/// Pointers to the words, and a null pointer, as exec wants them.
std::vector<char*> pointers_to(std::vector<std::string>& words);

/// Runs this executable again with `arguments`, `job` on its standard input, its standard output thrown away. Waits until it
/// has ended, ends it (and what it started) after `limit` or when an interruption is requested. When this process is killed, the kernel
/// kills the child and its process group in the same moment. `answer` is complete only for How::ok. Call it from one thread, which must
/// outlive the child: the kernel kills the child when that thread ends. Throws Failure(harness) when no process can be made.
ChildOutcome run_child(const std::vector<std::string>& arguments, const std::string& job,
                       std::chrono::milliseconds limit, const Variables& variables = {});

/// The child's answer; null when it gave none.
nlohmann::json answer_of(const ChildOutcome& outcome);

/// In a child: writes the answer. Whole or not at all.
void give_answer(const std::string& text);

}  // namespace racetrack::host
