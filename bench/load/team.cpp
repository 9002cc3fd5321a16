#include "load/team.hpp"

#include <algorithm>
#include <array>
#include <charconv>
#include <string>
#include <string_view>
#include <system_error>
#include <utility>

#include <ctime>
#include <fcntl.h>
#include <sys/resource.h>
#include <unistd.h>

#include "load/priority.hpp"
#include "load/topology.hpp"

namespace racetrack::load {
namespace {

double thread_cpu_ns() noexcept {
  timespec now{};
  clock_gettime(CLOCK_THREAD_CPUTIME_ID, &now);
  return static_cast<double>(now.tv_sec) * 1e9 + static_cast<double>(now.tv_nsec);
}

rusage thread_usage() noexcept {
  rusage usage{};
  getrusage(RUSAGE_THREAD, &usage);
  return usage;
}

/// Returns the time that a thread has waited for a processor: the second number of its schedstat file (proc(5)).
std::optional<double> waited_ns(const Descriptor& schedstat) noexcept {
  std::array<char, 64> buffer;
  const ssize_t got = pread(schedstat.get(), buffer.data(), buffer.size(), 0);
  if (got <= 0) return std::nullopt;
  const std::string_view text(buffer.data(), static_cast<std::size_t>(got));
  const std::size_t blank = text.find(' ');
  if (blank == std::string_view::npos) return std::nullopt;
  std::uint64_t waited = 0;
  const auto [end, error] = std::from_chars(text.data() + blank + 1, text.data() + text.size(), waited);
  return error == std::errc{} ? std::optional(static_cast<double>(waited)) : std::nullopt;
}

}  // namespace

Team::Team(const std::vector<int>& cpus, bool oversubscribed)
    : barrier_(cpus.size(), oversubscribed), stamps_(cpus.size()) {
  running_ = cpus.size();  // until each thread is placed
  try {
    for (std::size_t i = 0; i < cpus.size(); ++i) threads_.emplace_back([this, i, cpu = cpus[i]] { serve(i, cpu); });
  } catch (const std::system_error& error) {
    end();
    throw Refused(std::string("the system refuses to create a thread (see ulimit -u): ") + error.what());
  }
  std::unique_lock lock(mutex_);
  done_.wait(lock, [this] { return running_ == 0; });
  const bool refused = unpinned_ != 0;
  lock.unlock();
  if (refused) {
    end();
    throw Refused("the system refuses to pin threads (try --pin none)");
  }
}

Team::~Team() { end(); }

void Team::end() {
  {
    std::lock_guard lock(mutex_);
    ending_ = true;
  }
  work_.notify_all();
  for (std::thread& thread : threads_) {
    if (thread.joinable()) thread.join();
  }
}

void Team::start(Body body) {
  {
    std::lock_guard lock(mutex_);
    body_ = std::move(body);
    running_ = threads_.size();
    ++round_;
  }
  work_.notify_all();
}

bool Team::wait(std::chrono::nanoseconds patience) {
  std::unique_lock lock(mutex_);
  if (!done_.wait_for(lock, patience, [this] { return running_ == 0; })) return false;
  if (error_) std::rethrow_exception(std::exchange(error_, nullptr));
  return true;
}

void Team::serve(std::size_t thread, int cpu) {
  const bool placed = cpu < 0 || pin_this_thread(cpu);
  step_back_to_subjects();
  const Descriptor schedstat(open("/proc/thread-self/schedstat", O_RDONLY | O_CLOEXEC));
  std::uint64_t served = 0;
  std::unique_lock lock(mutex_);
  unpinned_ += placed ? 0 : 1;
  for (;;) {
    if (--running_ == 0) done_.notify_all();
    work_.wait(lock, [&] { return ending_ || round_ != served; });
    if (ending_) return;
    served = round_;
    const Body& body = body_;
    lock.unlock();
    run_body(thread, body, schedstat);
    lock.lock();
  }
}

void Team::run_body(std::size_t thread, const Body& body, const Descriptor& schedstat) {
  Stamps& stamps = stamps_[thread];
  const rusage before = thread_usage();
  const std::optional<double> waited = waited_ns(schedstat);
  barrier_.arrive_and_wait();
  const double cpu = thread_cpu_ns();
  stamps.started = ticks_before();
  try {
    body(thread);
  } catch (...) {
    std::lock_guard lock(mutex_);
    if (!error_) error_ = std::current_exception();
  }
  stamps.finished = ticks_after();
  stamps.usage.cpu_ns = thread_cpu_ns() - cpu;
  const std::optional<double> waited_in_all = waited_ns(schedstat);
  stamps.usage.waited_ns.reset();
  if (waited && waited_in_all) stamps.usage.waited_ns = *waited_in_all - *waited;
  const rusage after = thread_usage();
  stamps.usage.voluntary_switches = static_cast<std::uint64_t>(after.ru_nvcsw - before.ru_nvcsw);
  stamps.usage.involuntary_switches = static_cast<std::uint64_t>(after.ru_nivcsw - before.ru_nivcsw);
}

}  // namespace racetrack::load
