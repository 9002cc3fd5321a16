// The one entry of a plugin. Include this and a family's header, write RACETRACK_PLUGIN, done.
#pragma once

#include <string>

#include <racetrack/scenario.hpp>

#if !defined(RACETRACK_FLAVOUR)
#error "RACETRACK_FLAVOUR is not defined: build plugins with racetrack_add_plugin()"
#endif

namespace racetrack {

/// Raised whenever the layout of anything in racetrack/*.hpp changes. Host and plugin must agree.
inline constexpr int kAbiVersion = 1;

/// What else host and plugin must share: flavour and standard library. The compiler is recorded, not compared.
/// A literal, so that it can be read before anything else of a module is trusted.
#define RACETRACK_TEXT_(x) #x
#define RACETRACK_TEXT(x) RACETRACK_TEXT_(x)
#if defined(_GLIBCXX_RELEASE)
#define RACETRACK_STAMP RACETRACK_FLAVOUR " libstdc++ cxx11abi" RACETRACK_TEXT(_GLIBCXX_USE_CXX11_ABI)
#elif defined(_LIBCPP_VERSION)
#define RACETRACK_STAMP RACETRACK_FLAVOUR " libc++"
#else
#define RACETRACK_STAMP RACETRACK_FLAVOUR " unknown-standard-library"
#endif
#if defined(__clang__)
#define RACETRACK_COMPILER "clang " __clang_version__
#else
#define RACETRACK_COMPILER "g++ " __VERSION__
#endif

/// C layout: the host reads abi and stamp before it calls describe.
struct PluginEntry {
  int abi;
  const char* stamp;
  const char* compiler;
  void (*describe)(Registry&);
};

}  // namespace racetrack

/// Defines the module's entry. Use once per module:
///   RACETRACK_PLUGIN(registry) { registry.add<racetrack::queue::Family, MyQueue>("my_queue", {...}); }
#define RACETRACK_PLUGIN(registry)                                                                       \
  static void racetrack_describe(::racetrack::Registry&);                                                \
  extern "C" __attribute__((visibility("default"))) const ::racetrack::PluginEntry* racetrack_plugin() { \
    static const ::racetrack::PluginEntry entry{::racetrack::kAbiVersion, RACETRACK_STAMP,               \
                                                RACETRACK_COMPILER, &racetrack_describe};                \
    return &entry;                                                                                       \
  }                                                                                                      \
  static void racetrack_describe(::racetrack::Registry& registry)
