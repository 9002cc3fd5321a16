// A cache of weak pointers: the code checks expired(), then calls lock(); in between the last owner releases the
// object.
#include <memory>
#include <mutex>
#include <string>
#include <thread>
#include <unordered_map>

#include <racetrack/explore.hpp>

namespace {
struct Session {
  explicit Session(std::string user) : name(std::move(user)) {}
  std::string name;
};
class Cache {
 public:
  std::shared_ptr<Session> open(const std::string& user) {
    const std::lock_guard lock(mutex_);
    auto session = std::make_shared<Session>(user);
    sessions_[user] = session;
    return session;
  }
  std::size_t length_of_name_faulty(const std::string& user) {
    const std::lock_guard lock(mutex_);
    const auto found = sessions_.find(user);
    if (found == sessions_.end() || found->second.expired()) {
      return 0;
    }
    return found->second.lock()->name.size();
  }
  std::size_t length_of_name(const std::string& user) {
    const std::lock_guard lock(mutex_);
    const auto found = sessions_.find(user);
    if (found == sessions_.end()) {
      return 0;
    }
    const auto session = found->second.lock();
    return session ? session->name.size() : 0;
  }

 private:
  std::mutex mutex_;
  std::unordered_map<std::string, std::weak_ptr<Session>> sessions_;
};
}  // namespace
RACETRACK_EXPLORE(weak_asked_then_locked) {
  Cache cache;
  auto session = cache.open("ada");
  std::thread reader([&] { racetrack::check(cache.length_of_name_faulty("ada") <= 3, "a name or nothing"); });
  session.reset();
  reader.join();
}
RACETRACK_EXPLORE(weak_locked_once) {
  Cache cache;
  auto session = cache.open("ada");
  std::thread reader([&] { racetrack::check(cache.length_of_name("ada") <= 3, "a name or nothing"); });
  session.reset();
  reader.join();
}
