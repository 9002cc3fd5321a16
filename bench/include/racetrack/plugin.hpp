// The entry point of a plugin. Include this header and a family's header, and define RACETRACK_PLUGIN once.
#pragma once

#include <string>

#include <racetrack/scenario.hpp>

#if !defined(RACETRACK_FLAVOUR)
#error "RACETRACK_FLAVOUR is not defined: build plugins with racetrack_add_plugin()"
#endif

namespace racetrack {

/// The ABI version. Increase it whenever the layout of a type in racetrack/*.hpp changes: host and plugin must have the
/// same version.
#define RACETRACK_ABI 5
inline constexpr int kAbiVersion = RACETRACK_ABI;

/// The properties that host and plugin must share: ABI version, flavour and standard library. The compiler is recorded,
/// not compared. The stamp is a literal that starts with a marker, so that the host can find it in the file before it
/// loads the module.
#define RACETRACK_TEXT_(x) #x
#define RACETRACK_TEXT(x) RACETRACK_TEXT_(x)
#define RACETRACK_STAMP_MARKER "racetrack-plugin-stamp:"
#define RACETRACK_STAMP_BEGIN_ RACETRACK_STAMP_MARKER " abi" RACETRACK_TEXT(RACETRACK_ABI) " " RACETRACK_FLAVOUR
#if defined(_GLIBCXX_RELEASE)
#define RACETRACK_STAMP RACETRACK_STAMP_BEGIN_ " libstdc++ cxx11abi" RACETRACK_TEXT(_GLIBCXX_USE_CXX11_ABI)
#elif defined(_LIBCPP_VERSION)
#define RACETRACK_STAMP RACETRACK_STAMP_BEGIN_ " libc++"
#else
#define RACETRACK_STAMP RACETRACK_STAMP_BEGIN_ " unknown-standard-library"
#endif
#if defined(__clang__)
#define RACETRACK_COMPILER "clang " __clang_version__
#else
#define RACETRACK_COMPILER "g++ " __VERSION__
#endif

/// The entry of a module. It has C layout, because the host reads `abi` and `stamp` before it calls `describe`.
struct PluginEntry {
  int abi;
  const char* stamp;
  const char* compiler;
  void (*describe)(Registry&);
};

}  // namespace racetrack

/// Defines the module's entry. Use it once per module:
///   RACETRACK_PLUGIN(registry) { registry.add<racetrack::queue::Family, MyQueue>("my_queue", {...}); }
#define RACETRACK_PLUGIN(registry)                                                                             \
  static void racetrack_describe(::racetrack::Registry&);                                                      \
  extern "C" __attribute__((visibility("default"))) const ::racetrack::PluginEntry* racetrack_plugin() {       \
    static const ::racetrack::PluginEntry entry{::racetrack::kAbiVersion, RACETRACK_STAMP, RACETRACK_COMPILER, \
                                                &racetrack_describe};                                          \
    return &entry;                                                                                             \
  }                                                                                                            \
  static void racetrack_describe(::racetrack::Registry& registry)
