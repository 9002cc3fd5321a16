// A library whose constructor ends the process: `early_end crash` by a signal, any other word with code 5.
#include <csignal>
#include <cstring>

#include <unistd.h>

namespace {

__attribute__((constructor)) void end_early(int, char** words, char**) {
  if (std::strcmp(words[1], "crash") == 0) raise(SIGSEGV);
  _exit(5);
}

}  // namespace
