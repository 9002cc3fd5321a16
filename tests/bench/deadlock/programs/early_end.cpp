// A library whose constructor ends the process: by a signal if the program's argument is "crash", otherwise with code
// 5.
#include <csignal>
#include <cstring>

#include <unistd.h>

namespace {

__attribute__((constructor)) void end_early(int, char** arguments, char**) {
  if (std::strcmp(arguments[1], "crash") == 0) raise(SIGSEGV);
  _exit(5);
}

}  // namespace
