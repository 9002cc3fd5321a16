// Commands to the server, in the target of a request: /ACTION/AMOUNT/id/ID. The body of every complete response is the
// ID.
//
//   /delay/US/id/ID      answers after US microseconds
//   /hold/0/id/ID        answers when standard input contains the line `release`
//   /reset/BYTES/id/ID   announces a longer body than it sends, and resets the connection after BYTES bytes of it
//   /slow/US/id/ID       sends the head, and then an endless body, one byte every US microseconds
//   /garbage/0/id/ID     sends bytes that are not HTTP
#pragma once

#include <charconv>
#include <cstdint>
#include <optional>
#include <string_view>

namespace http_server {

enum class Action : std::uint8_t { delay, hold, reset, slow, garbage };

struct Command {
  Action action = Action::delay;
  std::uint64_t amount = 0;
  std::uint64_t id = 0;
};

/// Removes a number from the front of `text` and returns it; nullopt when there is none.
inline std::optional<std::uint64_t> take_number(std::string_view& text) noexcept {
  std::uint64_t number = 0;
  const auto [end, error] = std::from_chars(text.data(), text.data() + text.size(), number);
  if (error != std::errc{}) return std::nullopt;
  text.remove_prefix(static_cast<std::size_t>(end - text.data()));
  return number;
}

/// Returns nullopt for a target that contains no command.
inline std::optional<Command> parse_command(std::string_view target) noexcept {
  struct Known {
    std::string_view prefix;
    Action action;
  };
  constexpr Known kKnown[] = {{"/delay/", Action::delay},
                              {"/hold/", Action::hold},
                              {"/reset/", Action::reset},
                              {"/slow/", Action::slow},
                              {"/garbage/", Action::garbage}};
  constexpr std::string_view kId = "/id/";
  for (const Known& known : kKnown) {
    if (!target.starts_with(known.prefix)) continue;
    target.remove_prefix(known.prefix.size());
    const auto amount = take_number(target);
    if (!amount || !target.starts_with(kId)) return std::nullopt;
    target.remove_prefix(kId.size());
    const auto id = take_number(target);
    if (!id || !target.empty()) return std::nullopt;
    return Command{known.action, *amount, *id};
  }
  return std::nullopt;
}

}  // namespace http_server
