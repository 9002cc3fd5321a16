// A library whose constructor waits for a mutex of the program.
extern "C" void take_outer_mutex();

namespace {

struct AtLoad {
  AtLoad() { take_outer_mutex(); }
} at_load;

}  // namespace
