// Linked into the executable, whose functions are found before libc's: every thread of the process, the subject's too,
// is created here. The explorer's build has another pthread_create.
#include <cerrno>

#include <dlfcn.h>
#include <pthread.h>

#include "host/refusals.hpp"

/// The pthread_create of a sanitizer's runtime library, where the executable has one.
extern "C" [[gnu::weak]] int __interceptor_pthread_create(pthread_t* thread, const pthread_attr_t* attributes,
                                                          void* (*body)(void*), void* argument) noexcept;

extern "C" int pthread_create(pthread_t* thread, const pthread_attr_t* attributes, void* (*body)(void*),
                              void* argument) noexcept {
  static const auto real = &__interceptor_pthread_create != nullptr
                               ? &__interceptor_pthread_create
                               : reinterpret_cast<decltype(&pthread_create)>(dlsym(RTLD_NEXT, "pthread_create"));
  const int error = real(thread, attributes, body, argument);
  if (error == EAGAIN) racetrack::host::note_refusal("pthread_create: Resource temporarily unavailable");
  return error;
}
