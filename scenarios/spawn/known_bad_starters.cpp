// Known-bad starters prove that the checks of the family can fail. Each differs from a correct starter in one point.
//
//   deferred_unasked   a deferred std::async runs when its result is requested. A caller that only asks whether the
//                      result is ready gets an answer, and the body never runs. Its twin deferred_asked requests the
//                      result
//   impatient          std_thread, but it treats a thread that has not begun yet as failed, and starts another
//   forgets_to_wait    fork, but it only queries how the child ended (waitid, WNOWAIT) and leaves a zombie
//   status_unchecked   fork, but it reads the exit status of a child that has none: WEXITSTATUS returns 0 for a killed
//                      child
#include <atomic>
#include <chrono>
#include <future>
#include <memory>
#include <thread>
#include <utility>
#include <vector>

#include <sys/wait.h>
#include <unistd.h>

#include <racetrack/expectations.hpp>
#include <racetrack/plugin.hpp>
#include <racetrack/spawn.hpp>

namespace {

using racetrack::spawn::Child;
using racetrack::spawn::Ending;
using racetrack::spawn::Task;

template <bool kAsked>
class Deferred {
 public:
  std::future<void> start(Task task) { return std::async(std::launch::deferred, task); }
  void join(std::future<void> future) {
    if constexpr (kAsked) {
      future.get();
    } else {
      // future_status::deferred is neither ready nor timeout
      while (future.wait_for(std::chrono::milliseconds(1)) == std::future_status::timeout) {
      }
    }
  }
};

class Impatient {
 public:
  std::vector<std::thread> start(Task task) {
    const auto begun = std::make_shared<std::atomic<bool>>(false);
    const auto body = [begun, task] {
      begun->store(true);
      task();
    };
    std::vector<std::thread> threads;
    threads.emplace_back(body);
    if (!begun->load()) threads.emplace_back(body);
    return threads;
  }
  void join(std::vector<std::thread> threads) {
    for (std::thread& thread : threads) thread.join();
  }
};

class Forking {
 public:
  pid_t start(const Child& child) {
    const pid_t process = fork();
    if (process == 0) child.run();
    return process;
  }
};

class ForgetsToWait : public Forking {
 public:
  Ending wait(pid_t process) {
    siginfo_t info{};
    waitid(P_PID, static_cast<id_t>(process), &info, WEXITED | WNOWAIT);
    return {info.si_code == CLD_EXITED ? Ending::How::exit : Ending::How::signal, info.si_status};
  }
};

class StatusUnchecked : public Forking {
 public:
  Ending wait(pid_t process) {
    int status = 0;
    waitpid(process, &status, 0);
    return {Ending::How::exit, WEXITSTATUS(status)};
  }
};

}  // namespace

RACETRACK_PLUGIN(registry) {
  using racetrack::expect_fault;
  using racetrack::Standing;
  using racetrack::spawn::Processes;
  using racetrack::spawn::Threads;
  const auto control = Standing::control;
  registry.add<Threads, Deferred<false>>("deferred_unasked", {.call = "std::async"}, expect_fault("oracle.*", "lost"),
                                         control);
  registry.add<Threads, Deferred<true>>("deferred_asked", {.call = "std::async"}, {}, control);
  // Both bodies write the same memory, which is a race as well.
  racetrack::Expectation twice = expect_fault("oracle.*", "duplicated");
  twice.push_back({.detector = "tsan", .kind = "race", .grade = racetrack::Grade::may});
  registry.add<Threads, Impatient>("impatient", {.call = "std::thread"}, twice, control);
  registry.add<Processes, ForgetsToWait>("forgets_to_wait", {.call = "fork"}, expect_fault("oracle.zombies", "leak"),
                                         control);
  registry.add<Processes, StatusUnchecked>("status_unchecked", {.call = "fork"},
                                           expect_fault("oracle.ending", "wrong_result"), control);
}
