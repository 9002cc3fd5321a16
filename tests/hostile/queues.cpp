// A queue that changes the format of all numbers of its process. It is sound otherwise.
#include <clocale>
#include <cstddef>
#include <deque>
#include <iostream>
#include <locale>
#include <mutex>
#include <string>

#include <racetrack/plugin.hpp>
#include <racetrack/queue.hpp>

namespace {

/// Numbers with a decimal comma, and dots between thousands.
class Grouped : public std::numpunct<char> {
 protected:
  [[nodiscard]] char do_decimal_point() const override { return ','; }
  [[nodiscard]] char do_thousands_sep() const override { return '.'; }
  [[nodiscard]] std::string do_grouping() const override { return "\3"; }
};

template <class Item>
class SetsTheLocale {
 public:
  explicit SetsTheLocale(std::size_t capacity) : capacity_(capacity) {
    std::setlocale(LC_ALL, "");
    std::locale::global(std::locale(std::locale::classic(), new Grouped));
    std::cout.imbue(std::locale());
  }
  bool try_push(Item item) {
    const std::lock_guard lock(mutex_);
    if (items_.size() >= capacity_) return false;
    items_.push_back(item);
    return true;
  }
  bool try_pop(Item& item) {
    const std::lock_guard lock(mutex_);
    if (items_.empty()) return false;
    item = items_.front();
    items_.pop_front();
    return true;
  }

 private:
  std::mutex mutex_;
  std::deque<Item> items_;
  std::size_t capacity_;
};

}  // namespace

RACETRACK_PLUGIN(registry) {
  using namespace racetrack::queue;
  registry.add<Family, SetsTheLocale>("sets_the_locale", Traits{});
}
