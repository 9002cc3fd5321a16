// A thread that allocates: the smallest program that uses an allocator in a library.
#include <cstdio>
#include <memory>
#include <thread>

int main() {
  std::unique_ptr<int> made;
  std::thread([&] { made = std::make_unique<int>(1); }).join();
  std::puts("done");
}
