// The program racetrack_endless prints its process number and the time until it receives SIGINT.
//
//   racetrack_endless HOW INTERVAL_US
//
//   sleep_until      sleeps until times that are one interval apart, so the time that a line takes does not delay the
//                    next line
//   sleep_for        sleeps for one interval after each line, like a loop around sleep: delays add up
//   stdio_buffered   printf to a pipe collects 4096 bytes. SIGINT loses the bytes collected so far, in the middle of a
//                    line
//   swallows_sigint  has a handler that sets a flag, and a loop that never reads the flag
#include <csignal>
#include <cstdio>
#include <cstdlib>
#include <cstring>
#include <ctime>

#include <unistd.h>

namespace {

volatile std::sig_atomic_t interrupted = 0;

void note_interruption(int) { interrupted = 1; }

constexpr long kSecond = 1'000'000'000;

timespec now() {
  timespec time{};
  clock_gettime(CLOCK_MONOTONIC, &time);
  return time;
}

timespec later(timespec time, long nanoseconds) {
  time.tv_sec += (time.tv_nsec + nanoseconds) / kSecond;
  time.tv_nsec = (time.tv_nsec + nanoseconds) % kSecond;
  return time;
}

/// Prints one line, unless buffered with a single write, so that no signal can split it. Returns false when writing
/// failed.
bool print_line(bool buffered) {
  const timespec time = now();
  char line[64];
  const int length = std::snprintf(line, sizeof line, "%d %lld.%09ld\n", static_cast<int>(getpid()),
                                   static_cast<long long>(time.tv_sec), time.tv_nsec);
  if (buffered) return std::fputs(line, stdout) >= 0;
  return write(STDOUT_FILENO, line, static_cast<std::size_t>(length)) == length;
}

}  // namespace

int main(int argc, char** argv) {
  if (argc != 3) return 2;
  const char* const how = argv[1];
  const long interval = std::atol(argv[2]) * 1000;
  const bool absolute = std::strcmp(how, "sleep_until") == 0, buffered = std::strcmp(how, "stdio_buffered") == 0;
  if (std::strcmp(how, "swallows_sigint") == 0) std::signal(SIGINT, note_interruption);
  timespec next = now();
  while (print_line(buffered)) {
    next = later(absolute ? next : now(), interval);
    if (absolute) {
      clock_nanosleep(CLOCK_MONOTONIC, TIMER_ABSTIME, &next, nullptr);
    } else {
      const timespec pause{interval / kSecond, interval % kSecond};
      nanosleep(&pause, nullptr);
    }
  }
  return 0;
}
