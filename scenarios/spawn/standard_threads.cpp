// Threads of the standard library and of POSIX: started for one task, then joined.
#include <future>
#include <memory>
#include <string>
#include <system_error>
#include <thread>

#include <pthread.h>

#include <racetrack/plugin.hpp>
#include <racetrack/spawn.hpp>
#include <racetrack/standard_library.hpp>

namespace {

using racetrack::spawn::Task;

class StdThread {
 public:
  std::thread start(Task task) { return std::thread(task); }
  void join(std::thread thread) { thread.join(); }
};

class StdJthread {
 public:
  std::jthread start(Task task) { return std::jthread(task); }
  void join(std::jthread /*thread*/) {}  // its destructor joins
};

class Pthread {
 public:
  /// The task must outlive the thread, so it is passed on the heap, as std::thread does.
  pthread_t start(Task task) {
    auto argument = std::make_unique<Task>(task);
    pthread_t thread{};
    const int error = pthread_create(&thread, nullptr, run, argument.get());
    if (error != 0) throw std::system_error(error, std::generic_category(), "cannot start a thread");
    static_cast<void>(argument.release());
    return thread;
  }
  void join(pthread_t thread) { pthread_join(thread, nullptr); }

 private:
  static void* run(void* argument) {
    const std::unique_ptr<Task> task(static_cast<Task*>(argument));
    (*task)();
    return nullptr;
  }
};

class StdAsync {
 public:
  std::future<void> start(Task task) { return std::async(std::launch::async, task); }
  void join(std::future<void> future) { future.get(); }
};

}  // namespace

RACETRACK_PLUGIN(registry) {
  using racetrack::spawn::Threads;
  const std::string library = racetrack::standard_library();
  registry.add<Threads, StdThread>("std_thread", {.library = library, .call = "std::thread"});
  registry.add<Threads, StdJthread>("std_jthread", {.library = library, .call = "std::jthread"});
  registry.add<Threads, StdAsync>("std_async", {.library = library, .call = "std::async"});
  registry.add<Threads, Pthread>("pthread", {.library = "glibc", .call = "pthread_create"});
}
