// Clients with one fault each, and a correct one: they prove that each oracle can fail. They make one request after the
// other, chain after chain, so that nothing but the fault can go wrong.
//
//   one_after_another     correct.
//   shares_the_response   stores the responses of two connections in one variable, and reads it when both have arrived.
//   drops_a_completion    reports no completion for every seventh response.
//   does_not_await        makes the second request of a chain before the first has its response.
//   failure_ends_all      after a failed request, gives up the chains that have not begun (as TaskGroup does; gather
//                         does not).
//   keeps_the_descriptor  never closes the connection of a failed request.
//   swallows_errors       reports a failed request as completed.
//   counts_unlocked       one thread per chain; the threads count the completed chains without a lock.
#include <algorithm>
#include <cstddef>
#include <memory>
#include <string>
#include <thread>
#include <utility>
#include <vector>

#include <racetrack/async_io.hpp>
#include <racetrack/expectations.hpp>
#include <racetrack/plugin.hpp>

#include "blocking_connection.hpp"

namespace {

using racetrack::async_io::Failure;
using racetrack::async_io::Journal;
using racetrack::async_io::Response;

enum class Fault { none, shared_response, drop, no_await, failure_ends_all, descriptor, swallow };

template <Fault kFault>
class OneAfterAnother {
 public:
  static std::size_t at_once(std::size_t) { return 1; }

  void gather(Journal& journal) {
    constexpr std::size_t kTogether = kFault == Fault::shared_response ? 2 : 1;
    for (std::size_t chain = 0; chain < journal.chains(); chain += kTogether) {
      serve(journal, chain, std::min(chain + kTogether, journal.chains()));
    }
  }

 private:
  /// Serves the chains in [first, end), step by step.
  void serve(Journal& journal, std::size_t first, std::size_t end) {
    std::vector<std::unique_ptr<BlockingConnection>> connections;
    for (std::size_t chain = first; chain < end; ++chain) connections.push_back(std::make_unique<BlockingConnection>());
    const std::size_t steps = journal.requests(first).size();
    for (std::size_t step = 0; step < steps; ++step) {
      for (std::size_t chain = first; chain < end; ++chain) {
        if (kFault != Fault::no_await || step == 0) journal.begin(chain, step);
        if (kFault == Fault::no_await && step + 1 < steps) journal.begin(chain, step + 1);
        response_ = given_up_ ? Response{Failure::other, 0, "given up"}
                              : connections[chain - first]->get(journal.requests(chain)[step]);
        if (kFault == Fault::shared_response) continue;
        if (!report(journal, chain, step, response_)) return abandon(std::move(connections));
      }
      if (kFault != Fault::shared_response) continue;
      for (std::size_t chain = first; chain < end; ++chain) report(journal, chain, step, response_);
    }
  }

  /// Reports the response to the journal. Returns false when the chain ends here.
  bool report(Journal& journal, std::size_t chain, std::size_t step, Response response) {
    const bool failed = response.failure != Failure::none;
    if (kFault == Fault::failure_ends_all) given_up_ |= failed;
    if (kFault == Fault::swallow && failed) response = {Failure::none, journal.requests(chain)[step].id, {}};
    if (kFault == Fault::drop && ++reported_ % 7 == 0) return true;
    journal.end(chain, step, std::move(response));
    return !failed;
  }

  static void abandon(std::vector<std::unique_ptr<BlockingConnection>> connections) {
    if (kFault != Fault::descriptor) return;
    for (auto& connection : connections) static_cast<void>(connection.release());  // the fault
  }

  Response response_;
  bool given_up_ = false;
  std::size_t reported_ = 0;
};

class CountsUnlocked {
 public:
  static std::size_t at_once(std::size_t chains) { return chains; }

  void gather(Journal& journal) {
    std::vector<std::jthread> threads;
    for (std::size_t chain = 0; chain < journal.chains(); ++chain) {
      threads.emplace_back([this, &journal, chain] {
        serve_chain(journal, chain);
        ++done_;
      });
    }
  }

 private:
  std::size_t done_ = 0;
};

}  // namespace

RACETRACK_PLUGIN(registry) {
  using racetrack::expect_fault;
  using racetrack::async_io::Family;
  constexpr racetrack::Standing kControl = racetrack::Standing::control;
  const racetrack::async_io::Traits traits{.waiting = racetrack::async_io::Waiting::thread_each};
  Family::describe<OneAfterAnother<Fault::none>>(registry, "one_after_another", traits, {}, kControl);
  Family::add_gather<OneAfterAnother<Fault::shared_response>>(
      registry, "shares_the_response", traits, expect_fault("oracle.responses", "wrong_result"), kControl);
  Family::add_gather<OneAfterAnother<Fault::drop>>(registry, "drops_a_completion", traits,
                                                   expect_fault("oracle.completion", "lost"), kControl);
  Family::add_gather<OneAfterAnother<Fault::no_await>>(registry, "does_not_await", traits,
                                                       expect_fault("oracle.steps", "reordered"), kControl);
  Family::add_bad_server<OneAfterAnother<Fault::failure_ends_all>>(
      registry, "failure_ends_all", traits, expect_fault("oracle.isolation", "wrong_result"), kControl);
  Family::add_bad_server<OneAfterAnother<Fault::descriptor>>(registry, "keeps_the_descriptor", traits,
                                                             expect_fault("oracle.descriptors", "leak"), kControl);
  Family::add_bad_server<OneAfterAnother<Fault::swallow>>(registry, "swallows_errors", traits,
                                                          expect_fault("oracle.errors", "wrong_result"), kControl);
  Family::add_gather<CountsUnlocked>(registry, "counts_unlocked", traits,
                                     {{.detector = "tsan", .kind = "race", .grade = racetrack::Grade::must}}, kControl);
}
