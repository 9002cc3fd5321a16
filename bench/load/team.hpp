// The threads that run rounds: created once, pinned once, started together.
#pragma once

#include <chrono>
#include <condition_variable>
#include <cstddef>
#include <cstdint>
#include <functional>
#include <mutex>
#include <optional>
#include <stdexcept>
#include <thread>
#include <vector>

#include <racetrack/barrier.hpp>
#include <racetrack/clock.hpp>
#include <racetrack/descriptor.hpp>

namespace racetrack::load {

/// The processor time and context switches of one thread during its body.
struct Usage {
  double cpu_ns = 0;
  std::uint64_t voluntary_switches = 0;
  std::uint64_t involuntary_switches = 0;
  /// Time in which the thread was ready to run but had no processor; empty where the kernel does not count it.
  std::optional<double> waited_ns{};
};

/// The system refuses to create or to pin threads. This is not a fault of the subject.
class Refused : public std::runtime_error {
 public:
  using std::runtime_error::runtime_error;
};

/// N threads that sleep between rounds and start each round together at a spin barrier. One driver thread calls start
/// and wait. The destructor of a team whose threads are stuck would hang: end the process with _exit instead.
class Team {
 public:
  struct Stamps {
    Ticks started = 0, finished = 0;
    Usage usage;
  };
  using Body = std::function<void(std::size_t)>;

  /// `cpus[i]` is the processor of thread i, or -1. Throws Refused when threads cannot be created or pinned.
  Team(const std::vector<int>& cpus, bool oversubscribed);
  Team(const Team&) = delete;
  Team& operator=(const Team&) = delete;
  ~Team();

  [[nodiscard]] std::size_t size() const noexcept { return threads_.size(); }

  /// Makes every thread run body(its number) once. Does not wait.
  void start(Body body);
  /// Returns true when all threads have finished, false when `patience` has passed before. May be called again.
  /// Rethrows the first exception of a body.
  [[nodiscard]] bool wait(std::chrono::nanoseconds patience);
  /// Returns the stamps of the last round. Valid after wait() has returned true.
  [[nodiscard]] const std::vector<Stamps>& stamps() const noexcept { return stamps_; }

 private:
  void end();
  void serve(std::size_t thread, int cpu);
  /// `schedstat`: the calling thread's file in procfs.
  void run_body(std::size_t thread, const Body& body, const Descriptor& schedstat);

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
