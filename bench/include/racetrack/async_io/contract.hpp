// The interface of an HTTP client: it gathers chains of requests and records each request in a journal.
#pragma once

#include <chrono>
#include <concepts>
#include <cstddef>
#include <cstdint>
#include <string>
#include <string_view>

#include <racetrack/async_io/journal.hpp>
#include <racetrack/scenario.hpp>

namespace racetrack::async_io {

/// How a client waits for many requests: one thread waits for all of them (event_loop), or each has a thread that waits
/// for it alone (thread_each).
enum class Waiting : std::uint8_t { event_loop, thread_each };

/// The declared properties of a client. Every table shows them.
struct Traits {
  std::string library = "racetrack";  ///< package or project, with its version
  Waiting waiting = Waiting::event_loop;
};

/// A client of HTTP/1.1. Every gather uses a new one.
///   gather(journal)  performs the requests of every chain of `journal` and returns when every chain has ended.
///                    Chains run concurrently. The requests of a chain run in sequence, each after the response to the
///                    previous one, over one connection where the port is the same. A request that fails ends its
///                    chain and no other. The client calls journal.begin before it sends a request, and journal.end
///                    when it has read the response or the request has failed; both on the thread that serves the
///                    chain at that moment.
///   at_once(chains)  returns how many of `chains` chains the client runs concurrently.
template <class Subject>
concept Client = std::default_initializable<Subject> &&
    requires(Subject& client, Journal& journal, std::size_t chains) {
  client.gather(journal);
  { Subject::at_once(chains) } -> std::same_as<std::size_t>;
};

/// Returns the name of the value in records and tables.
inline std::string_view to_word(Waiting waiting) noexcept {
  return waiting == Waiting::event_loop ? "event_loop" : "thread_each";
}

/// Returns the traits for records and tables.
inline TraitList to_list(const Traits& traits) {
  return {{"library", traits.library}, {"waiting", std::string(to_word(traits.waiting))}};
}

}  // namespace racetrack::async_io
