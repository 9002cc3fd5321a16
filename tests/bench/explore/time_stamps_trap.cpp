// Whether this system traps reads of the time stamp counter where PR_SET_TSC asks for that: ends by SIGSEGV if so. Some
// virtual machines accept the request and do not trap.
#include <sys/prctl.h>
#include <x86intrin.h>

int main() {
  prctl(PR_SET_TSC, PR_TSC_SIGSEGV);
  return __rdtsc() != 0 ? 0 : 1;
}
