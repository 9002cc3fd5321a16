// Small programs that damage their process or the harness's descriptors, as a subject must not. Their locking is sound.
#include <array>
#include <cerrno>
#include <chrono>
#include <condition_variable>
#include <csignal>
#include <cstddef>
#include <cstdlib>
#include <fstream>
#include <mutex>
#include <string>
#include <string_view>
#include <system_error>
#include <thread>

#include <pthread.h>
#include <sys/prctl.h>
#include <sys/ptrace.h>
#include <unistd.h>

#include <racetrack/lock.hpp>
#include <racetrack/plugin.hpp>

namespace {

constexpr int kAnswer = 3;  // the descriptor on which the harness expects the answer

/// The sound part of these programs: two threads and one lock.
class Locked {
 public:
  static constexpr std::size_t kThreads = 2;
  void step(std::size_t /*thread*/) { const std::lock_guard lock(mutex_); }

 private:
  std::mutex mutex_;
};

/// Calls `Misdeed` once in each process, before its first round.
template <void (*Misdeed)()>
class Once : public Locked {
 public:
  Once() {
    static const bool done = (Misdeed(), true);
    static_cast<void>(done);
  }
};

void write_answer(std::string_view text) { static_cast<void>(write(kAnswer, text.data(), text.size())); }

void trace_me() {
  ptrace(PTRACE_TRACEME, 0, nullptr, nullptr);
  raise(SIGUSR2);  // stops a traced process until its tracer continues it
}
void trace_me_quietly() { ptrace(PTRACE_TRACEME, 0, nullptr, nullptr); }

/// Starts a process in another session that traces this one and never waits for it.
void let_a_child_trace_me() {
  static const pid_t traced = getpid();
  std::array<int, 2> ready{};
  if (pipe(ready.data()) != 0) return;
  prctl(PR_SET_PTRACER, PR_SET_PTRACER_ANY);
  if (fork() == 0) {
    setsid();
    static_cast<void>(ptrace(PTRACE_SEIZE, traced, nullptr, nullptr));
    static_cast<void>(write(ready[1], "", 1));
    for (;;) pause();
  }
  char byte = 0;
  static_cast<void>(read(ready[0], &byte, 1));
}

void ignore_usr2() { std::signal(SIGUSR2, SIG_IGN); }
void trace_me_and_stop() {
  ignore_usr2();
  trace_me();
}

void write_nothing_much() {
  write_answer("{}");
  _exit(0);
}
void write_wrong_types() {
  write_answer(R"({"verdict": 7, "as_expected": "yes", "metrics": [], "values": 1, "histograms": null,)"
               R"( "oversubscribed": 3, "placement": {}})");
  _exit(0);
}
void write_half() {
  write_answer(R"({"verdict": {"result": "pass", "kind": null, )");
  _exit(0);
}
/// Writes the answer of a fork that passes, is disturbed or fails: the first letter (p, d, f) in the file that the
/// environment names. Removes that letter. No machine has its processors, so the test does not depend on steal.
void write_as_scripted() {
  const char* const script = getenv("RACETRACK_TEST_SCRIPT");
  if (script == nullptr) return;
  std::string letters;
  std::getline(std::ifstream(script), letters);
  std::ofstream(script) << letters.substr(1);
  const bool failed = letters[0] == 'f', disturbed = letters[0] == 'd';
  write_answer(
      std::string(R"({"verdict": {"result": ")") + (failed ? "fail" : "pass") + R"(", "kind": )" +
      (failed ? R"("lost")" : "null") + R"(, "detector": )" + (failed ? R"("oracle.sum")" : "null") +
      R"(, "k": 0, "n": 1, "witness": null, "replay": null}, "as_expected": )" + (failed ? "false" : "true") +
      R"(, "metrics": {"steps_per_s": 1.5, "disturbed_rounds_ratio": )" + (disturbed ? "0.5" : "0.1") +
      R"(}, "values": {}, "histograms": {}, "oversubscribed": false, "benchmark": null, "disturbed": 7,)"
      R"( "placement": [{"role": "thread", "thread": 0, "cpu": 4001}, {"role": "thread", "thread": 1, "cpu": 4002}]})");
  _exit(0);
}
void write_before() { write_answer("noise"); }
void write_deeply() {
  const std::string deep(1'000'000, '[');
  write_answer(deep);
  _exit(0);
}
void write_without_end() {
  const std::string much(1U << 16U, 'x');
  for (;;) write_answer(much);
}
void close_the_answer() { close(kAnswer); }

/// Starts a thread in each round, as a subject may.
class StartsThreads {
 public:
  static constexpr std::size_t kThreads = 2;
  void step(std::size_t /*thread*/) {
    const std::lock_guard lock(mutex_);
    std::thread([] {}).join();
  }

 private:
  std::mutex mutex_;
};

/// From now on pthread_create fails with EAGAIN, as at a limit of threads: no address space holds so large a stack.
void exhaust_threads() {
  pthread_attr_t attributes;
  pthread_attr_init(&attributes);
  pthread_attr_setstacksize(&attributes, std::size_t{1} << 50U);
  pthread_setattr_default_np(&attributes);
  pthread_attr_destroy(&attributes);
}

/// Needs a thread that the system refuses.
template <void (*Start)()>
class NeedsAThread : public Locked {
 public:
  void step(std::size_t thread) {
    Locked::step(thread);
    static std::once_flag once;
    std::call_once(once, exhaust_threads);
    Start();
  }
};

void* do_nothing(void* /*argument*/) { return nullptr; }

void start_in_cpp() {
  std::thread([] {}).join();
}
void start_in_c() {
  pthread_t thread{};
  if (pthread_create(&thread, nullptr, do_nothing, nullptr) != 0) std::abort();
  pthread_join(thread, nullptr);
}
/// Continues without the thread.
void start_or_not() {
  pthread_t thread{};
  if (pthread_create(&thread, nullptr, do_nothing, nullptr) != 0) return;
  pthread_join(thread, nullptr);
}
/// Throws the exception by which a wrapper of fork() reports a refusal.
void start_a_process() { throw std::system_error(EAGAIN, std::generic_category(), "cannot start a process"); }
/// Does the same in a thread of the subject, where no handler catches it.
void start_a_process_elsewhere() {
  std::thread([] { start_a_process(); }).join();
}
/// Throws the same exception for a reason that is the subject's fault.
void throw_another_error() { throw std::system_error(EINVAL, std::generic_category(), "cannot do it"); }
/// Lets all threads wait for one that could not be started.
void start_and_wait() {
  static std::mutex mutex;
  static std::condition_variable started;
  pthread_t thread{};
  if (pthread_create(&thread, nullptr, do_nothing, nullptr) == 0) {
    pthread_join(thread, nullptr);
    return;
  }
  std::unique_lock lock(mutex);
  started.wait(lock);
}

/// Calls `Start` while the system refuses nothing.
template <void (*Start)()>
class Starts : public Locked {
 public:
  void step(std::size_t thread) {
    Locked::step(thread);
    Start();
  }
};

/// All threads sleep in the middle of a round, for so long that a test can stop the process at that point.
class Slow {
 public:
  static constexpr std::size_t kThreads = 2;
  void step(std::size_t /*thread*/) {
    const std::lock_guard lock(mutex_);
    std::this_thread::sleep_for(std::chrono::milliseconds(20));
  }

 private:
  std::mutex mutex_;
};

}  // namespace

RACETRACK_PLUGIN(registry) {
  using racetrack::lock::Family;
  const racetrack::lock::Traits traits{.workload = "hostile"};
  registry.add<Family, Locked>("sound", traits);
  registry.add<Family, Once<trace_me_quietly>>("traces_itself", traits);
  registry.add<Family, Once<trace_me_and_stop>>("traces_itself_and_stops", traits);
  registry.add<Family, Once<let_a_child_trace_me>>("is_traced_by_its_child", traits);
  registry.add<Family, Once<write_nothing_much>>("answers_nothing_much", traits);
  registry.add<Family, Once<write_wrong_types>>("answers_wrong_types", traits);
  registry.add<Family, Once<write_half>>("answers_half", traits);
  registry.add<Family, Once<write_before>>("answers_before", traits);
  registry.add<Family, Once<write_as_scripted>>("scripted", traits);
  registry.add<Family, Once<write_deeply>>("answers_deeply", traits);
  registry.add<Family, Once<write_without_end>>("answers_without_end", traits);
  registry.add<Family, Once<close_the_answer>>("closes_the_answer", traits);
  registry.add<Family, StartsThreads>("starts_threads", traits);
  registry.add<Family, NeedsAThread<start_in_cpp>>("needs_a_thread", traits);
  registry.add<Family, NeedsAThread<start_in_c>>("needs_a_thread_in_c", traits);
  registry.add<Family, NeedsAThread<start_and_wait>>("needs_a_thread_to_go_on", traits);
  registry.add<Family, Starts<start_a_process>>("needs_a_process", traits);
  registry.add<Family, Starts<start_a_process_elsewhere>>("needs_a_process_elsewhere", traits);
  registry.add<Family, NeedsAThread<start_or_not>>("does_without_a_thread", traits);
  registry.add<Family, Starts<throw_another_error>>("throws_another_error", traits);
  registry.add<Family, Slow>("slow", {.workload = "hostile", .most_steps = 100});
  registry.add<Family, Slow>("slow_for_long", traits);
}
