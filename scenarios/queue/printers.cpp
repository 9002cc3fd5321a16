// The lecture's two workers that print: three ways to write a line of several pieces to std::cout.
//
//   unsynchronised   one operator<< per piece. std::cout is synchronised with stdio, so concurrent use causes no data
//                    race ([iostream.objects.overview]): no character is lost, but pieces of lines may mix.
//   mutex            the same under one lock.
//   osyncstream      C++20's solution: it collects the pieces, and its destructor writes them as a whole.
//
// All are blocking: standard output has an internal lock.
#include <iostream>
#include <mutex>
#include <syncstream>

#include <racetrack/plugin.hpp>
#include <racetrack/queue/print.hpp>
#include <racetrack/standard_library.hpp>

namespace {

class UnsynchronisedPrinter {
 public:
  void print_line(std::uint64_t worker, std::uint64_t number) {
    std::cout << "Worker " << worker << " got " << number << '\n';
  }
};

class MutexPrinter {
 public:
  void print_line(std::uint64_t worker, std::uint64_t number) {
    const std::lock_guard lock(mutex_);
    std::cout << "Worker " << worker << " got " << number << '\n';
  }

 private:
  std::mutex mutex_;
};

class OsyncstreamPrinter {
 public:
  void print_line(std::uint64_t worker, std::uint64_t number) {
    std::osyncstream(std::cout) << "Worker " << worker << " got " << number << '\n';
  }
};

}  // namespace

RACETRACK_PLUGIN(registry) {
  using racetrack::queue::Printers;
  registry.add<Printers, UnsynchronisedPrinter>(
      "unsynchronised", {.library = racetrack::standard_library()},
      {{.detector = "oracle.lines", .kind = "torn", .grade = racetrack::Grade::may}});
  registry.add<Printers, MutexPrinter>("mutex", {.library = racetrack::standard_library()});
  registry.add<Printers, OsyncstreamPrinter>("osyncstream", {.library = racetrack::standard_library()});
}
