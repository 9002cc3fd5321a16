#include "explore/session.hpp"

#include <ctime>
#include <utility>
#include <vector>

#include <sys/mman.h>

#include "explore/interpose/crash.hpp"
#include "explore/runtime.hpp"
#include "explore/world/addresses.hpp"
#include "explore/world/modules.hpp"

namespace racetrack::explore {
namespace {

constexpr std::size_t kMostObjects = 32768;

/// Called in the first session. Prepares everything that outlives a session.
void prepare(const void* subject, const WorldOptions& options) {
  Runtime& r = runtime;
  tzset();            // reads the time zone once, before the state of every execution is saved
  r.prepared = true;  // from here on, the explorer allocates from its own heap
  r.ordered = addresses_are_fixed();
  r.objects = {static_cast<SyncObject*>(map_memory(0, kMostObjects * sizeof(SyncObject))), kMostObjects};
  r.thread_limit = options.threads;
  r.arena.set_base(options.memory_limit);
  r.shadow.prepare(r.arena.extent());
  r.stores.prepare();
  map_memory(kStacksBase, kStacksSize);
  for (unsigned i = 0; i < options.threads; ++i) {
    r.threads[i].id = static_cast<ThreadId>(i);
    make_fiber(r.threads[i].fiber, kStacksBase + i * kStackSlot, kStackSlot);
  }
  adopt_this_thread(r.driver);
  catch_crashes();

  Modules modules = find_modules(subject);
  for (const Span& span : modules.subject) r.world.add(span);
  for (const Span& span : modules.others) r.world.add_guarded(span);
  r.world.add(environment_block());
  r.world.add_guarded({kWorldBase, kWorldBase + r.arena.base_size()});
  for (const Span& span : modules.standard) r.standard_libraries.add_guarded(span);
  r.standard_libraries.take();
  r.standard_variables = std::move(modules.standard);
  r.loader = modules.loader;
  r.uninstrumented = std::move(modules.uninstrumented);
  r.code = std::move(modules.code);
  r.wait_without_libc = std::move(modules.wait_without_libc);
  r.not_checked = std::move(modules.own);
  r.not_checked.push_back({kWorldBase + r.arena.base_size(), kOwnEnd});
}

}  // namespace

Session::Session(const void* subject, const WorldOptions& options) {
  Runtime& r = runtime;
  if (r.sessions++ != 0) return;
  if (!r.prepared) prepare(subject, options);
  r.fill = options.fill;
  r.output.begin();
  r.self_check.begin(r.not_checked);
  // The harness uses variables in the standard libraries as well (its streams). Executions find them as in the first
  // session, and the harness finds its own values again.
  for (const Span& span : r.standard_variables) r.harness_variables.add(span);
  r.harness_variables.take();
  r.standard_libraries.guard();
  r.world.take();
  r.world.guard();
  time_stamps_.emplace();
  if (!r.reads_time_stamps) r.reads_time_stamps = !time_stamps_trap() && reads_time_stamps(r.code);
}

Session::~Session() {
  Runtime& r = runtime;
  if (--r.sessions != 0) return;
  time_stamps_.reset();
  r.world.restore();
  r.world.release();
  r.standard_libraries.release();
  r.harness_variables.restore();
  r.harness_variables.clear();
  r.output.end();
}

}  // namespace racetrack::explore
