// Starts one child process, limits its time, and ends it with everything that it started.
#pragma once

#include <chrono>
#include <csignal>
#include <cstddef>
#include <cstdint>
#include <string>
#include <utility>
#include <vector>

#include <nlohmann/json.hpp>

namespace racetrack::host {

struct ChildOutcome {
  /// unreadable: the child exited with status 0, but its answer is invalid. harness: the system refused a request of
  /// the harness, or it refused the subject a thread or a process and the child failed.
  enum class How : std::uint8_t { ok, exit, signal, timeout, interrupted, unreadable, harness };
  How how = How::ok;
  int value = 0;  ///< exit status or signal number
  /// With How::timeout: the child still ran rounds, or the machine gave it less time than its limit, so it is
  /// unknown whether the child hangs.
  bool starved = false;
  std::string doubt;        ///< the reason, for How::unreadable, How::harness and a starved time-out
  std::string answer;       ///< the bytes that it wrote to descriptor 3
  std::string last_output;  ///< the last bytes that it wrote to standard error
  double seconds = 0;
};

/// Maximum length of a child's answer, in bytes. A child that writes more is killed.
inline constexpr std::size_t kLongestAnswer = std::size_t{32} << 20U;
/// Maximum wall-clock time of a child, as a multiple of its limit, when it runs rounds or the machine gives it too
/// little processor time.
inline constexpr int kMostLimits = 5;

/// In a child: the descriptor of its heartbeat (host/heartbeat.hpp).
inline constexpr int kHeartbeatDescriptor = 5;

/// Blocks the signals that end a run (SIGINT, SIGTERM, SIGHUP, SIGPIPE) except while the host waits, so that none is
/// missed. Leaves SIGHUP and SIGPIPE ignored where they already are (nohup). Construct one before the first child.
class Interruptions {
 public:
  Interruptions();
  ~Interruptions();
  Interruptions(const Interruptions&) = delete;
  Interruptions& operator=(const Interruptions&) = delete;
  [[nodiscard]] static bool requested() noexcept;

 private:
  sigset_t before_{};
};

/// Environment variables, by name.
using Variables = std::vector<std::pair<std::string, std::string>>;

/// Returns this process's environment with `variables` set, as NAME=value.
std::vector<std::string> environment_with(const Variables& variables);

/// Returns pointers to the words and a final null pointer, the form that exec takes.
std::vector<char*> pointers_to(std::vector<std::string>& words);

/// Runs this executable again with `arguments`, `job` on its standard input and its standard output discarded, and
/// waits until it has ended. Ends the child and everything that it started when an interruption is requested or `limit`
/// is exceeded. `limit` counts the time since the child's last heartbeat (host/heartbeat.hpp), and only time that the
/// machine gave to the child (load/given_time.hpp); after kMostLimits times `limit` on the wall clock the child is
/// ended in any case. When this process is killed, the kernel kills the child and its process group at once. For
/// How::ok the answer is a complete JSON object. Call it from one thread, which must outlive the child: the kernel
/// kills the child when that thread ends. Throws Failure(harness) when the system refuses a process.
ChildOutcome run_child(const std::vector<std::string>& arguments, const std::string& job,
                       std::chrono::milliseconds limit, const Variables& variables = {});

/// Returns the child's answer, or null when it gave none.
nlohmann::json answer_of(const ChildOutcome& outcome);

/// In a child: writes the whole answer. If that fails, the process exits.
void send_answer(const std::string& text);
/// In a child, instead of an answer: reports that the system refused a request of the harness, so that the failure is
/// not attributed to the subject.
void send_trouble(const std::string& text);
/// In a child, before the answer: reports a thread or a process that the system refused to the subject. When the child
/// then fails, its outcome is How::harness. Writes at most once, and never ends the process.
void send_refusal(const std::string& what) noexcept;

}  // namespace racetrack::host
