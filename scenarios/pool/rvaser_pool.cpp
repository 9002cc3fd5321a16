// thread_pool::ThreadPool of libthread-pool-dev.
//
// Algorithm: a queue under a mutex for each worker. A submission goes to the first queue whose mutex is free; a worker
// without work tries the other queues before it sleeps at its own (Sean Parent, Better Code: Concurrency, 2016).
// Source: github.com/rvaser/thread_pool. Progress: blocking. Caveats: only the destructor shuts it down, and it drains.
// A submission that finds a mutex taken goes to another queue, whose worker may be busy, while the intended worker
// sleeps on. So tasks that must all run at once may wait without end, and the pool is excluded from the workload idle.
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
