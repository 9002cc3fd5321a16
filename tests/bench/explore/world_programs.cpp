// A program of tests for test_world.py: each execution must find the world of the first one, and data from outside must
// follow from the token.
#include <racetrack/explore.hpp>

#include <algorithm>
#include <atomic>
#include <cerrno>
#include <clocale>
#include <cstdio>
#include <cstdlib>
#include <cstring>
#include <fstream>
#include <iostream>
#include <memory>
#include <new>
#include <random>
#include <string>
#include <thread>
#include <vector>

#include <fcntl.h>
#include <sys/auxv.h>
#include <sys/mman.h>
#include <sys/random.h>
#include <unistd.h>

namespace {

auto owned_before_main = std::make_unique<int>(0);
std::vector<int> grown_before_main{1, 2, 3};
thread_local int visits_of_thread = 0;

/// A second thread, so that there is something to schedule.
void start_and_join() {
  std::thread([] {}).join();
}

std::size_t blocks(std::size_t size) {
  void* const block = std::malloc(size);
  std::free(block);
  return reinterpret_cast<std::size_t>(block);
}

}  // namespace

// Restored state: each of these changes something that the next execution must not find.

RACETRACK_EXPLORE(world_heap_before_main) {
  std::thread([] { ++*owned_before_main, grown_before_main.push_back(4); }).join();
  racetrack::check(*owned_before_main == 1, "counted once");
  racetrack::check(grown_before_main.size() == 4, "grown once");
}
RACETRACK_EXPLORE(world_frees_what_was_made_before_main) {
  start_and_join();
  racetrack::check(owned_before_main != nullptr && grown_before_main.size() == 3, "both are there");
  owned_before_main.reset();
  std::vector<int>().swap(grown_before_main);
}
RACETRACK_EXPLORE(world_content_of_new_blocks) {
  volatile int* const block = new volatile int[64];
  const bool remembers = block[9] == 424242;
  block[9] = 424242;
  start_and_join();
  delete[] block;
  racetrack::check(!remembers, "no execution finds what another wrote");
}
RACETRACK_EXPLORE(world_stack) {
  start_and_join();
  volatile int values[200];
  racetrack::check(values[150] != 424242, "no execution finds what another wrote");
  values[150] = 424242;
}
RACETRACK_EXPLORE(world_output_buffer) {
  start_and_join();
  std::printf("a line\n");
  auto* const mine = static_cast<char*>(std::malloc(2000));
  std::memset(mine, 'x', 2000);
  std::printf("another line\n");
  racetrack::check(std::count(mine, mine + 2000, 'x') == 2000, "nothing but this test writes into its block");
  std::free(mine);
}
RACETRACK_EXPLORE(world_streams) {
  start_and_join();
  racetrack::check(std::cout.width() == 0 && std::cout.good(), "the stream is as at first");
  std::cout.width(7);
  std::cout << std::hex << 77;
  std::cout.setstate(std::ios::failbit);
}
RACETRACK_EXPLORE(world_environment) {
  start_and_join();
  racetrack::check(std::getenv("RACETRACK_WORLD_TEST") == nullptr, "the variable is not set");
  setenv("RACETRACK_WORLD_TEST", "1", 1);
  char* const path = std::getenv("PATH");
  racetrack::check(path != nullptr && path[0] != '!', "the text is as at first");
  path[0] = '!';
}
RACETRACK_EXPLORE(world_locale) {
  start_and_join();
  racetrack::check(std::strcmp(std::setlocale(LC_ALL, nullptr), "C") == 0, "the locale is as at first");
  std::setlocale(LC_ALL, "C.UTF-8");
}
RACETRACK_EXPLORE(world_random_numbers_of_libc) {
  start_and_join();
  racetrack::check(std::rand() == 1804289383, "the first number of the seed 1");
  std::srand(7);
}
RACETRACK_EXPLORE(world_thread_local) {
  std::thread([] { racetrack::check(++visits_of_thread == 1, "a new thread has new variables"); }).join();
  errno = 0;
  racetrack::check(++visits_of_thread == 1, "so has the first one");
}
RACETRACK_EXPLORE(world_descriptors) {
  start_and_join();
  const int made = open("/bin/sh", O_RDONLY);
  racetrack::check(made >= 0 && made < 20, "what earlier executions left open is closed");
  racetrack::check(write(STDOUT_FILENO, "x", 1) == 1, "standard output is there");
  close(STDOUT_FILENO);
  close(STDERR_FILENO);
}
RACETRACK_EXPLORE(world_mapping) {
  start_and_join();
  void* const mapped = mmap(nullptr, 8192, PROT_READ | PROT_WRITE, MAP_PRIVATE | MAP_ANONYMOUS, -1, 0);
  auto* const words = static_cast<int*>(mapped);
  racetrack::check(words[1000] == 0, "a mapping is zero");
  words[1000] = 7;
  munmap(mapped, 8192);
}
RACETRACK_EXPLORE(world_reads_a_file) {
  start_and_join();
  std::ifstream file("/bin/sh", std::ios::binary);
  char magic[4] = {};
  file.read(magic, sizeof magic);
  racetrack::check(std::memcmp(magic, "\177ELF", 4) == 0, "the content of the file");
}
RACETRACK_EXPLORE(world_numbers_of_processes) {
  start_and_join();
  std::mt19937 generator(static_cast<unsigned>(getpid() + gettid() + sched_getcpu()) + static_cast<unsigned>(clock()));
  std::atomic<unsigned> drawn{
      static_cast<unsigned>(generator())};  // in the trace, so that a replay in another process would differ
  racetrack::check(drawn.load() == 0, "fails, to be replayed");
}

namespace {
/// Mapped by the process before the first execution: not in the heap, and so not restored.
int* const mapped_before_main =
    static_cast<int*>(mmap(nullptr, sizeof(int), PROT_READ | PROT_WRITE, MAP_PRIVATE | MAP_ANONYMOUS, -1, 0));
}  // namespace
RACETRACK_EXPLORE(leaves_something_in_a_mapping) {
  start_and_join();
  ++*mapped_before_main;
}

// Data from outside.

RACETRACK_EXPLORE(draws_from_random_device) {
  start_and_join();
  racetrack::check(std::random_device{}() % 64 != 7, "one draw of 64 fails");
}
RACETRACK_EXPLORE(draws_by_getrandom) {
  start_and_join();
  unsigned drawn = 0;
  racetrack::check(getrandom(&drawn, sizeof drawn, 0) == sizeof drawn, "drawn");
  racetrack::check(drawn % 64 != 7, "one draw of 64 fails");
}
RACETRACK_EXPLORE(draws_from_stream) {
  start_and_join();
  unsigned drawn = 0;
  std::ifstream device("/dev/urandom", std::ios::binary);
  device.read(reinterpret_cast<char*>(&drawn), sizeof drawn);
  racetrack::check(device.good(), "drawn");
  racetrack::check(drawn % 64 != 7, "one draw of 64 fails");
}
RACETRACK_EXPLORE(draws_by_fread) {
  start_and_join();
  unsigned drawn = 0;
  FILE* const device = std::fopen("/dev/urandom", "rb");
  racetrack::check(std::fread(&drawn, sizeof drawn, 1, device) == 1, "drawn");
  std::fclose(device);
  racetrack::check(drawn % 64 != 7, "one draw of 64 fails");
}
RACETRACK_EXPLORE(draws_an_unused_number) {
  start_and_join();
  static_cast<void>(std::random_device{}());
}
RACETRACK_EXPLORE(reads_a_new_block) {
  start_and_join();
  const std::unique_ptr<unsigned char[]> block(new unsigned char[16]);
  const volatile unsigned char* const bytes = block.get();
  racetrack::check(bytes[3] % 64 != 7, "one content of 64 fails");
}

RACETRACK_EXPLORE(depends_on_the_process) {
  start_and_join();
  std::atomic<unsigned> drawn{0};
  std::memcpy(static_cast<void*>(&drawn), reinterpret_cast<const void*>(getauxval(AT_RANDOM)), sizeof drawn);
  racetrack::check(drawn.load() == 0, "fails, and the value is another one in each process");
}

// The end of the process.

RACETRACK_EXPLORE(ends_with_status_0) {
  std::thread other([] { pause(); });
  std::exit(0);
}
RACETRACK_EXPLORE(ends_with_status_3) { std::exit(3); }
RACETRACK_EXPLORE(ends_in_its_thread) {
  std::thread([] { _exit(0); }).join();
  racetrack::check(false, "is never reached");
}
namespace {
struct ChecksAtExit {
  ~ChecksAtExit() { racetrack::check(false, "runs at exit"); }
};
}  // namespace
RACETRACK_EXPLORE(ends_with_a_static_variable) {
  static const ChecksAtExit checks;
  std::exit(0);
}

// Memory.

RACETRACK_EXPLORE(memory_that_no_machine_has) {
  start_and_join();
  const volatile std::size_t size = std::size_t{1} << 60U;
  try {
    const std::vector<char> much(size);
    racetrack::check(false, "no machine has so much");
  } catch (const std::bad_alloc&) {
  }
  racetrack::check(std::malloc(size) == nullptr, "malloc says so, too");
  racetrack::check(blocks(100) != 0, "what is left is usable");
}
RACETRACK_EXPLORE(memory_of_100_mib) {
  start_and_join();
  const std::vector<char> much(std::size_t{100} << 20U);
}

// Output.

RACETRACK_EXPLORE(prints_and_fails) {
  std::atomic<int> value{0};
  std::thread other([&] { std::printf("read %d \x1b[31m\n", value.load()); });
  std::cout << "from the first thread\n";
  other.join();
  racetrack::check(false, "fails");
}
RACETRACK_EXPLORE(fails_without_descriptors) {
  close(STDOUT_FILENO);
  close(STDERR_FILENO);
  start_and_join();
  racetrack::check(false, "the verdict is seen all the same");
}
RACETRACK_EXPLORE(reads_what_the_kernel_says) {
  start_and_join();
  std::string word;
  std::ifstream("/proc/self/status") >> word;
  racetrack::check(!word.empty(), "read");
}
RACETRACK_EXPLORE(writes_a_file) {
  start_and_join();
  std::ofstream("/dev/shm/racetrack-world-test") << "x";
  unlink("/dev/shm/racetrack-world-test");
}
