// The threads that run rounds: made once, pinned once, started together.
#pragma once

#include <chrono>
#include <condition_variable>
#include <cstddef>
#include <cstdint>
#include <functional>
#include <mutex>
#include <thread>
#include <vector>

#include <racetrack/barrier.hpp>
#include <racetrack/clock.hpp>

namespace racetrack::load {

/// What the system charged one thread for its body.
struct Usage {
  double cpu_ns = 0;
  std::uint64_t voluntary_switches = 0;
  std::uint64_t involuntary_switches = 0;
};

/// N threads that sleep between rounds and leave a spin barrier together. One driver thread calls start and wait.
/// Destroying a team whose threads are stuck would hang: leave the process with _exit instead.
class Team {
 public:
  struct Stamps {
    Ticks started = 0, finished = 0;
    Usage usage;
  };
  using Body = std::function<void(std::size_t)>;

  /// `cpus`[i] = processor of thread i, or -1. Throws std::system_error when threads cannot be made or pinned.
  Team(const std::vector<int>& cpus, bool oversubscribed);
  Team(const Team&) = delete;
  Team& operator=(const Team&) = delete;
  ~Team();

  [[nodiscard]] std::size_t size() const noexcept { return threads_.size(); }

  /// Has every thread run body(its number), once.
  void start(Body body);
  /// True when all have finished; false when `patience` has passed first. May be called again.
  [[nodiscard]] bool wait(std::chrono::nanoseconds patience);
  /// Of the last round; valid after wait() said true. An exception of a body is rethrown by wait().
  [[nodiscard]] const std::vector<Stamps>& stamps() const noexcept { return stamps_; }

 private:
  void serve(std::size_t thread, int cpu);
  void run_body(std::size_t thread, const Body& body);

  std::mutex mutex_;
  std::condition_variable work_, done_;
  Body body_;
  std::uint64_t round_ = 0;
  std::size_t running_ = 0;
  std::size_t unpinned_ = 0;
  bool ending_ = false;
  std::exception_ptr error_;
  SpinBarrier barrier_;
  std::vector<Stamps> stamps_;
  std::vector<std::thread> threads_;
};

}  // namespace racetrack::load
