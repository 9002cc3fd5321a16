// boost::asio::thread_pool.
//
// Algorithm: threads that run one scheduler: a queue under a mutex, and a condition variable for threads that find it
// empty. Source: Boost.Asio. Progress: blocking. Caveat: the pool accepts tasks after stop or join, but never runs
// them. Futures: std::packaged_task.
#include <cstddef>
#include <future>
#include <optional>
#include <string>
#include <type_traits>
#include <utility>  // before Asio: Boost 1.74 needs std::exchange and does not include it

#include <boost/asio/post.hpp>
#include <boost/asio/thread_pool.hpp>
#include <boost/version.hpp>

#include <racetrack/plugin.hpp>
#include <racetrack/pool.hpp>

namespace {

class AsioPool {
 public:
  explicit AsioPool(std::size_t threads) : pool_(std::in_place, threads) {}

  template <class Function>
  auto submit(Function function) {
    std::packaged_task<std::invoke_result_t<Function&>()> task(std::move(function));
    auto future = task.get_future();
    boost::asio::post(*pool_, std::move(task));
    return future;
  }

  void drain() { pool_->join(); }
  /// Tasks that have not run are dropped when the library's pool is destroyed.
  void cancel() {
    pool_->stop();
    pool_.reset();
  }

 private:
  std::optional<boost::asio::thread_pool> pool_;
};

}  // namespace

RACETRACK_PLUGIN(registry) {
  registry.add<racetrack::pool::Family, AsioPool>(
      "asio",
      {.library = "boost " + std::to_string(BOOST_VERSION / 100'000) + "." + std::to_string(BOOST_VERSION / 100 % 1000),
       .refuses = false});
}
