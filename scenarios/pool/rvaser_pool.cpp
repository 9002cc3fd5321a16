// thread_pool::ThreadPool of libthread-pool-dev.
//
// Algorithm: a queue under a mutex for each worker; a submission goes to the first whose mutex is free, and a worker without work looks
// into the others' before it sleeps at its own (Sean Parent, Better Code: Concurrency, 2016). Source: github.com/rvaser/thread_pool.
// Progress: blocking. Caveat: it has no shutdown but its destructor, which drains.
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
  registry.add<racetrack::pool::Family, RvaserPool>("rvaser", {.library = "thread_pool 4.0.0"});
}
