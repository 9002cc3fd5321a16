// The same places in the code take locks of many objects in an order: `orders NAME COUNT`.
#include <cstdlib>
#include <cstring>
#include <deque>
#include <mutex>
#include <shared_mutex>
#include <thread>

namespace {

std::mutex list_mutex;

struct Object {
  std::mutex mutex;
  std::shared_mutex shared;
};

template <class Body>
void in_a_thread(Body body) {
  std::thread(body).join();
}

void add(Object& object) {
  const std::lock_guard own(object.mutex);
  const std::lock_guard list(list_mutex);
}

void visit(Object& object) {
  const std::lock_guard list(list_mutex);
  const std::lock_guard own(object.mutex);
}

/// The same as visit() at another place, so it must not be folded into visit().
[[gnu::noipa]] void visit_elsewhere(Object& object) {
  const std::lock_guard list(list_mutex);
  const std::lock_guard own(object.mutex);
}

void read_then_lock(Object& object) {
  const std::shared_lock reading(object.shared);
  const std::lock_guard list(list_mutex);
}

void lock_then_write(Object& object) {
  const std::lock_guard list(list_mutex);
  const std::unique_lock writing(object.shared);
}

void same_places(std::deque<Object>& objects) {
  in_a_thread([&] {
    for (Object& object : objects) add(object);
  });
  in_a_thread([&] {
    for (Object& object : objects) visit(object);
  });
}

/// Each depth of the recursion gives the acquisition another stack.
void at_depth(std::size_t depth, Object& object) {
  if (depth > 0) {
    at_depth(depth - 1, object);
  } else {
    visit(object);
  }
  __asm__ volatile("");  // no tail call
}

void same_places_by_many_ways(std::deque<Object>& objects) {
  in_a_thread([&] {
    for (Object& object : objects) add(object);
  });
  in_a_thread([&] {
    for (std::size_t i = 0; i < objects.size(); ++i) at_depth(i % 10, objects[i]);
  });
}

void two_pairs_of_places(std::deque<Object>& objects) {
  in_a_thread([&] {
    for (Object& object : objects) add(object);
  });
  in_a_thread([&] {
    for (std::size_t i = 0; i < objects.size(); ++i) i % 2 == 0 ? visit(objects[i]) : visit_elsewhere(objects[i]);
  });
}

void mixed_locks(std::deque<Object>& objects) {
  in_a_thread([&] {
    for (Object& object : objects) read_then_lock(object);
  });
  in_a_thread([&] {
    for (Object& object : objects) lock_then_write(object);
  });
}

void lock_both(Object& first, Object& second) {
  const std::lock_guard one(first.mutex);
  const std::lock_guard other(second.mutex);
}

/// Rings of three objects each; each of three threads locks other neighbours.
void rings(std::deque<Object>& objects) {
  for (std::size_t next : {0, 1, 2}) {
    in_a_thread([&, next] {
      for (std::size_t i = 0; i + 2 < objects.size(); i += 3) {
        lock_both(objects[i + next], objects[i + (next + 1) % 3]);
      }
    });
  }
}

}  // namespace

int main(int argc, char** argv) {
  if (argc != 3) return 99;
  std::deque<Object> objects(std::strtoul(argv[2], nullptr, 10));
  const auto is = [&](const char* name) { return std::strcmp(argv[1], name) == 0; };
  if (is("same_places")) same_places(objects);
  if (is("same_places_by_many_ways")) same_places_by_many_ways(objects);
  if (is("two_pairs_of_places")) two_pairs_of_places(objects);
  if (is("mixed_locks")) mixed_locks(objects);
  if (is("rings")) rings(objects);
}
