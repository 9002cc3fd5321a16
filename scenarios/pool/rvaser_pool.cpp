// thread_pool::ThreadPool of libthread-pool-dev.
//
// Algorithm: a queue under a mutex for each worker; a submission goes to the first whose mutex is free, and a worker without work looks
// into the others' before it sleeps at its own (Sean Parent, Better Code: Concurrency, 2016). Source: github.com/rvaser/thread_pool.
// Progress: blocking. Caveats: it has no shutdown but its destructor, which drains. And a submission that finds a mutex taken goes to
// another queue, whose worker may be at work while the one meant for it sleeps on: tasks that all have to run at once may wait for ever. So
// it is not asked to keep all its workers busy (workload idle).
#include <cstddef>
#include <utility>

#include <thread_pool/thread_pool.hpp>

#include <racetrack/plugin.hpp>
#include <racetrack/pool.hpp>

namespace {

class RvaserPool {
 public:
  explicit RvaserPool(std::size_t threads) : pool_(threads) {}

  template <class Function>
  auto submit(Function function) {
    return pool_.Submit(std::move(function));
  }

 private:
  thread_pool::ThreadPool pool_;
};

}  // namespace

RACETRACK_PLUGIN(registry) {
  using racetrack::pool::Workload;
  using Family = racetrack::pool::Workloads<true, Workload::fan_out, Workload::as_completed, Workload::dependent_chain,
                                            Workload::uneven, Workload::submit_from_many>;
  registry.add<Family, RvaserPool>("rvaser", {.library = "thread_pool 4.0.0"});
}
