// Submits a task to threads that already exist.
#include <future>
#include <memory>
#include <utility>

#include <boost/asio/post.hpp>
#include <boost/asio/thread_pool.hpp>
#include <boost/version.hpp>

#include <racetrack/plugin.hpp>
#include <racetrack/spawn.hpp>

namespace {

class PoolSubmit {
 public:
  std::future<void> start(racetrack::spawn::Task task) {
    std::packaged_task<void()> packaged(task);
    std::future<void> future = packaged.get_future();
    boost::asio::post(pool_, std::move(packaged));
    return future;
  }
  void join(std::future<void> future) { future.get(); }

 private:
  static constexpr std::size_t kWorkers = 2;
  boost::asio::thread_pool pool_{kWorkers};
};

}  // namespace

RACETRACK_PLUGIN(registry) {
  const std::string version =
      "boost " + std::to_string(BOOST_VERSION / 100'000) + "." + std::to_string(BOOST_VERSION / 100 % 1000);
  registry.add<racetrack::spawn::Threads, PoolSubmit>("pool_submit", {.library = version, .call = "asio::thread_pool"});
}
