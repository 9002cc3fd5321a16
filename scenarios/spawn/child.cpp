// The program racetrack_child does the work of spawn::Child::run in a separate program. It needs only libc, as the
// smallest programs do.
//
//   racetrack_child DESCRIPTOR WHICH HOW VALUE
#include <cstddef>
#include <cstdlib>

#include <sys/mman.h>

#include <racetrack/spawn/child.hpp>

int main(int argc, char** argv) {
  using namespace racetrack::spawn;
  constexpr int kUsage = 127;
  if (argc != 5) return kUsage;
  const auto offset = static_cast<off_t>(std::strtoul(argv[2], nullptr, 10) * sizeof(Page));
  void* const page = mmap(nullptr, sizeof(Page), PROT_READ | PROT_WRITE, MAP_SHARED, std::atoi(argv[1]), offset);
  if (page == MAP_FAILED) return kUsage;
  static_cast<Page*>(page)->run.body();
  end_process({static_cast<Ending::How>(std::atoi(argv[3])), std::atoi(argv[4])});
}
