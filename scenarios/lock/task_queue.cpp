// Threads submit tasks to a queue under a mutex, and run the tasks that they find there. Each task must run exactly
// once.
//
//   look_then_remove  a thread reads the first task under the mutex, runs it, and takes the mutex again to remove it.
//                     Every access holds the mutex, so no data race occurs. But two threads can find the same task
//                     and run it twice. Both then remove one, so the next task never runs.
//   remove_at_once    correct.
//
//   thread 0: [submit][run] ... --+
//   thread 1: [submit][run] ... ----> tasks      metric: tasks per second
#include <algorithm>
#include <cstdint>
#include <deque>
#include <memory>
#include <mutex>
#include <stdexcept>
#include <string>
#include <vector>

#include <racetrack/expectations.hpp>
#include <racetrack/plugin.hpp>
#include <racetrack/probe.hpp>
#include <racetrack/standard_library.hpp>

namespace {

using Task = std::uint64_t;
constexpr Task kNoTask = 0;
constexpr std::size_t kThreads = 2;

template <bool kRemoveAtOnce>
class Tasks {
 public:
  void submit(Task task) {
    const std::lock_guard lock(mutex_);
    tasks_.push_back(task);
  }
  /// Runs the first task by run(task). Returns the task, or kNoTask when the queue is empty.
  template <class Run>
  Task run_first(Run&& run) {
    const Task task = kRemoveAtOnce ? take() : peek();
    if (task == kNoTask) return task;
    run(task);
    if constexpr (!kRemoveAtOnce) remove();
    return task;
  }

 private:
  Task take() {
    const std::lock_guard lock(mutex_);
    if (tasks_.empty()) return kNoTask;
    const Task task = tasks_.front();
    tasks_.pop_front();
    return task;
  }
  Task peek() {
    const std::lock_guard lock(mutex_);
    return tasks_.empty() ? kNoTask : tasks_.front();
  }
  void remove() {
    const std::lock_guard lock(mutex_);
    if (!tasks_.empty()) tasks_.pop_front();
  }

  std::mutex mutex_;
  std::deque<Task> tasks_;
};

template <class Subject, class Probe>
class SubmitAndRun final : public racetrack::Round {
 public:
  explicit SubmitAndRun(const racetrack::RoundPlan& plan)
      : plan_(plan), tasks_each_(std::max<std::uint64_t>(1, plan.work / kThreads)), tallies_(kThreads) {}

  [[nodiscard]] std::vector<racetrack::Role> roles() const override { return {{"thread", kThreads}}; }

  void run(std::size_t thread, racetrack::ThreadLog& log) override {
    Probe probe(log, plan_, thread);
    Tally tally;
    for (std::uint64_t done = 0; done < tasks_each_ && !plan_.stop->raised(); ++done) {
      const Task task = done * kThreads + thread + 1;
      probe.begin();
      subject_.submit(task);
      probe.end(racetrack::Action::push, task, racetrack::Outcome::ok);
      tally.submitted += task;
      tally.ran += run_one(probe);
      ++log.work_done;
    }
    tallies_[thread] = tally;
  }

  void settle(racetrack::ThreadLog& log) override {
    Probe probe(log, plan_, kThreads);
    while (const Task task = run_one(probe)) left_over_ += task;
  }

  [[nodiscard]] racetrack::Verdict check() const override {
    std::uint64_t submitted = 0, ran = left_over_;
    for (const Tally& tally : tallies_) {
      submitted += tally.submitted;
      ran += tally.ran;
    }
    if (submitted == ran) return {};
    return {racetrack::Result::fail, submitted > ran ? "lost" : "duplicated", "oracle.sum",
            "the numbers of the submitted tasks add up to " + std::to_string(submitted) +
                ", those of the tasks that ran to " + std::to_string(ran)};
  }

 private:
  struct alignas(racetrack::kApart) Tally {
    std::uint64_t submitted = 0, ran = 0;
  };

  Task run_one(Probe& probe) {
    return subject_.run_first([&probe](Task task) {
      probe.begin();
      probe.end(racetrack::Action::run, task, racetrack::Outcome::ok);
    });
  }

  racetrack::RoundPlan plan_;
  std::uint64_t tasks_each_;
  Subject subject_;
  std::vector<Tally> tallies_;
  std::uint64_t left_over_ = 0;
};

template <class Subject>
void add(racetrack::Registry& registry, const char* name, const racetrack::Expectation& expectation,
         racetrack::Standing standing) {
  racetrack::Scenario scenario;
  scenario.family = "lock";
  scenario.workload = "task_queue";
  scenario.subject = name;
  scenario.standing = standing;
  scenario.traits = {{"library", racetrack::standard_library()}, {"threads", std::int64_t{kThreads}}};
  scenario.expectation = expectation;
  scenario.oracles = {"exactly_once"};
  scenario.unit = "task";
  scenario.make_round = [](const racetrack::RoundPlan& plan) -> std::unique_ptr<racetrack::Round> {
    switch (plan.probe) {
      case racetrack::ProbeKind::throughput:
        return std::make_unique<SubmitAndRun<Subject, racetrack::ThroughputProbe>>(plan);
      case racetrack::ProbeKind::latency: break;
      case racetrack::ProbeKind::history: return std::make_unique<SubmitAndRun<Subject, racetrack::HistoryProbe>>(plan);
    }
    throw std::invalid_argument("the workload has no such probe");
  };
  registry.add(std::move(scenario));
}

}  // namespace

RACETRACK_PLUGIN(registry) {
  racetrack::Expectation twice = racetrack::expect_fault("oracle.exactly_once", "*");
  twice.push_back({.detector = "explore*", .kind = "*", .grade = racetrack::Grade::must});
  add<Tasks<false>>(registry, "look_then_remove", twice, racetrack::Standing::control);
  add<Tasks<true>>(registry, "remove_at_once", {}, racetrack::Standing::subject);
}
