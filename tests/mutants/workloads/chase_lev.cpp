// The work-stealing deque where owner and thieves interact: at the last job, while the array grows, and when a cell is
// reused.
#include "chase_lev.hpp"

#include <array>
#include <cstddef>
#include <thread>

#include <racetrack/explore.hpp>

/// Not atomic, so that a job that is not published correctly, or is run twice, is a data race.
struct Job {
  int made = 0;
  int runs = 0;
};

namespace {

class Jobs {
 public:
  Job* make() {
    Job& job = jobs_.at(made_++);
    job.made = 1;
    return &job;
  }
  void check_each_ran_once() const {
    for (std::size_t i = 0; i < made_; ++i) racetrack::check(jobs_.at(i).runs == 1, "each job runs once");
  }

 private:
  std::array<Job, 8> jobs_;
  std::size_t made_ = 0;
};

void run(Job* job) {
  if (job == nullptr) return;
  racetrack::check(job->made == 1, "a job is whole when it is run");
  ++job->runs;
}

void steal(ChaseLevDeque& deque, int times) {
  for (int i = 0; i < times; ++i) run(deque.steal());
}

/// Called by the owner after all thieves have ended.
void finish(ChaseLevDeque& deque, const Jobs& jobs) {
  while (Job* const job = deque.take()) run(job);
  racetrack::check(deque.empty(), "nothing is left");
  jobs.check_each_ran_once();
}

}  // namespace

RACETRACK_EXPLORE(the_last_job) {
  ChaseLevDeque deque(2);
  Jobs jobs;
  std::thread thief([&] { steal(deque, 1); });
  deque.push(jobs.make());
  run(deque.take());
  thief.join();
  finish(deque, jobs);
}

RACETRACK_EXPLORE(the_last_job_and_two_thieves) {
  ChaseLevDeque deque(2);
  Jobs jobs;
  deque.push(jobs.make());
  deque.push(jobs.make());
  std::thread first([&] { steal(deque, 1); });
  std::thread second([&] { steal(deque, 1); });
  run(deque.take());
  run(deque.take());
  first.join();
  second.join();
  finish(deque, jobs);
}

RACETRACK_EXPLORE(cells_are_used_again) {
  ChaseLevDeque deque(2);
  Jobs jobs;
  std::thread thief([&] { steal(deque, 2); });
  deque.push(jobs.make());
  deque.push(jobs.make());
  run(deque.take());
  deque.push(jobs.make());
  run(deque.take());
  deque.push(jobs.make());
  thief.join();
  finish(deque, jobs);
}

RACETRACK_EXPLORE(the_array_grows) {
  ChaseLevDeque deque(1);
  Jobs jobs;
  std::thread thief([&] { steal(deque, 3); });
  for (int i = 0; i < 4; ++i) deque.push(jobs.make());
  run(deque.take());
  thief.join();
  finish(deque, jobs);
}
