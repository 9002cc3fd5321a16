#include "deadlock/loaded_symbols.hpp"

#include <array>
#include <string>

#include <dlfcn.h>
#include <gtest/gtest.h>

namespace racetrack::deadlock {
namespace {

const link_map& module_of(void* handle) {
  link_map* module = nullptr;
  EXPECT_EQ(dlinfo(handle, RTLD_DI_LINKMAP, &module), 0);
  return *module;
}

class LibraryOfEachKind : public testing::TestWithParam<const char*> {
 protected:
  LibraryOfEachKind() : handle_(dlopen(GetParam(), RTLD_NOW | RTLD_LOCAL)) {}
  void SetUp() override { ASSERT_NE(handle_, nullptr) << dlerror(); }
  ~LibraryOfEachKind() override {
    if (handle_ != nullptr) dlclose(handle_);
  }
  [[nodiscard]] int call(const char* name) const {
    const auto function = reinterpret_cast<int (*)()>(find_function(module_of(handle_), name));
    return function == nullptr ? 0 : function();
  }
  void* handle_;
};

TEST_P(LibraryOfEachKind, DefaultVersionIsFound) {
  EXPECT_EQ(call("versioned"), 2);
  EXPECT_EQ(call("plain"), 3);
}

TEST_P(LibraryOfEachKind, UndefinedOrUnknownSymbolIsNotFound) {
  for (const char* const name : {"undefined_elsewhere", "old_version", "no_such_function", "version", ""}) {
    EXPECT_EQ(find_function(module_of(handle_), name), nullptr) << name;
  }
}

INSTANTIATE_TEST_SUITE_P(HashTables, LibraryOfEachKind,
                         testing::Values(RACETRACK_LIBRARY_WITH_GNU_HASH, RACETRACK_LIBRARY_WITH_SYSV_HASH));

TEST(LoadedSymbols, AgreeWithTheDynamicLoaderOnLibc) {
  void* const libc = dlopen("libc.so.6", RTLD_NOW | RTLD_NOLOAD);
  ASSERT_NE(libc, nullptr);
  for (const char* const name :
       {"pthread_mutex_lock", "pthread_cond_wait", "pthread_cond_timedwait", "pthread_once", "sem_wait", "mtx_lock",
        "syscall", "pthread_create", "malloc", "fopen", "posix_spawn", "memcpy_no_such"}) {
    EXPECT_EQ(find_function(module_of(libc), name), dlsym(libc, name)) << name;
  }
  dlclose(libc);
}

TEST(LoadedSymbols, ListBeginsAfterTheGivenModule) {
  const link_map* const all = modules_after(nullptr);
  ASSERT_NE(all, nullptr);
  EXPECT_EQ(modules_after(all->l_ld), all->l_next);
  EXPECT_EQ(find_function_from(all, "pthread_cond_wait"), dlsym(RTLD_DEFAULT, "pthread_cond_wait"));
  EXPECT_EQ(find_function_from(all, "no_such_function"), nullptr);
}

}  // namespace
}  // namespace racetrack::deadlock
