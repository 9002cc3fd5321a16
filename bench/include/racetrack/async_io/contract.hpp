// What an HTTP client is here: it gathers chains of requests, and writes down what becomes of each.
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

/// How a client has many requests under way: the thread waits for all of them at once (event loop), or each has a thread that
/// waits for it alone.
enum class Waiting : std::uint8_t { event_loop, thread_each };

/// What a client declares of itself. Everything here is shown in every table.
struct Traits {
  std::string library = "racetrack";  ///< package or project, with its version
  Waiting waiting = Waiting::event_loop;
};

/// A client of HTTP/1.1. A fresh one for every gather.
///   gather(journal)  makes the requests of every chain of `journal`: those of a chain one after the other, each when the response
///                    to the one before is there, over one connection where the port is the same; chains side by side.
///                    A request that fails ends its chain and no other. Returns when every chain has ended.
///                    Says journal.begin before each request is made and journal.end when its response is read or it
///                    has failed, both from the thread that serves the chain at that moment.
///   at_once(chains)  how many of so many chains it has under way at a time.
template <class Subject>
concept Client = std::default_initializable<Subject> &&
    requires(Subject& client, Journal& journal, std::size_t chains) {
  client.gather(journal);
  { Subject::at_once(chains) } -> std::same_as<std::size_t>;
};

inline std::string_view to_word(Waiting waiting) noexcept {
  return waiting == Waiting::event_loop ? "event_loop" : "thread_each";
}

inline TraitList to_list(const Traits& traits) {
  return {{"library", traits.library}, {"waiting", std::string(to_word(traits.waiting))}};
}

}  // namespace racetrack::async_io
