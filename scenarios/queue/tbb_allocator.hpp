// The allocator of oneTBB's queues.
#pragma once

#include <memory>

#include <tbb/cache_aligned_allocator.h>

#if defined(__has_feature)
#if __has_feature(thread_sanitizer)
#define RACETRACK_TBB_UNDER_TSAN
#endif
#elif defined(__SANITIZE_THREAD__)
#define RACETRACK_TBB_UNDER_TSAN
#endif

/// The library's default, except under TSan. libtbb is not instrumented, so TSan misses how its allocator orders one
/// thread's last use of a page before the next thread's first, and would report a race for every reused page.
#if defined(RACETRACK_TBB_UNDER_TSAN)
template <class Item>
using TbbAllocator = std::allocator<Item>;
#else
template <class Item>
using TbbAllocator = tbb::cache_aligned_allocator<Item>;
#endif
