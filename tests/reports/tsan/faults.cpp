// One fault of each kind that ThreadSanitizer reports; its argument says which. For the parser's tests.
#include <pthread.h>

#include <cstring>
#include <map>
#include <mutex>
#include <shared_mutex>
#include <string>
#include <thread>

struct Point {
  long x = 0, y = 0;
};

Point global;  // with external linkage: otherwise the compiler would omit the writes, because no code could read it

namespace {

template <class Value>
class Shared {
 public:
  void set(Value x) {
    const std::lock_guard lock(mutex_);  // of the writer alone
    value_.x = x;
  }
  Value get() const {
    const std::shared_lock lock(other_);
    return value_.x;
  }

 private:
  Point value_;
  std::mutex mutex_;
  mutable std::shared_mutex other_;
};

void race_on_heap() {
  auto* shared = new Shared<long>;
  std::thread writer([shared] {
    for (long i = 0; i < 1000; ++i) shared->set(i);
  });
  long sum = 0;
  for (int i = 0; i < 1000; ++i) sum += shared->get();
  writer.join();
  global.y = sum;
  delete shared;
}

void race_on_global() {
  std::thread other([] { global.x = 1; });
  global.x = 2;
  other.join();
}

void lock_order() {
  std::mutex a, b;
  std::thread([&] {
    const std::lock_guard first(a);
    const std::lock_guard second(b);
  }).join();
  std::thread([&] {
    const std::lock_guard first(b);
    const std::lock_guard second(a);
  }).join();
}

void unlock_of_another() {
  std::mutex mutex;
  mutex.unlock();
}

void destroy_locked() {
  pthread_mutex_t mutex = PTHREAD_MUTEX_INITIALIZER;
  pthread_mutex_lock(&mutex);
  pthread_mutex_destroy(&mutex);
}

void use_after_free() {
  auto* point = new Point;
  std::thread([point] { delete point; }).join();
  static_cast<volatile Point*>(point)->x = 1;
}

void leaked_thread() {
  pthread_t thread{};
  pthread_create(
      &thread, nullptr, [](void*) -> void* { return nullptr; }, nullptr);
  std::this_thread::sleep_for(std::chrono::milliseconds(200));
}

void crash() {
  volatile Point* nowhere = nullptr;
  nowhere->x = 1;
}

}  // namespace

int main(int count, char** words) {
  const std::map<std::string, void (*)()> faults{
      {"race_on_heap", race_on_heap},     {"race_on_global", race_on_global},
      {"lock_order", lock_order},         {"unlock_of_another", unlock_of_another},
      {"destroy_locked", destroy_locked}, {"use_after_free", use_after_free},
      {"leaked_thread", leaked_thread},   {"crash", crash}};
  faults.at(count > 1 ? words[1] : "")();
}
