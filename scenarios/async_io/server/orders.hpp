// What the server is told to do, in the target of a request: /WHAT/AMOUNT/id/ID. The body of every whole response is the ID.
//
//   /delay/US/id/ID      answers after so many microseconds
//   /hold/0/id/ID        answers when standard input says `release`
//   /reset/BYTES/id/ID   promises a longer body than it sends, and resets the connection behind so many bytes of it
//   /slow/US/id/ID       sends the head, and then of an endless body one byte in so many microseconds
//   /garbage/0/id/ID     sends what is no HTTP, and closes
#pragma once

#include <charconv>
#include <cstdint>
#include <optional>
#include <string_view>

namespace http_server {

enum class What : std::uint8_t { delay, hold, reset, slow, garbage };

struct Order {
  What what = What::delay;
  std::uint64_t amount = 0;
  std::uint64_t id = 0;
};

/// Takes a number off the front of `text`.
inline std::optional<std::uint64_t> take_number(std::string_view& text) noexcept {
  std::uint64_t number = 0;
  const auto [end, error] = std::from_chars(text.data(), text.data() + text.size(), number);
  if (error != std::errc{}) return std::nullopt;
  text.remove_prefix(static_cast<std::size_t>(end - text.data()));
  return number;
}

/// Nothing for a target that is no order.
inline std::optional<Order> order_of(std::string_view target) noexcept {
  struct Known {
    std::string_view prefix;
    What what;
  };
  constexpr Known kKnown[] = {{"/delay/", What::delay},
                              {"/hold/", What::hold},
                              {"/reset/", What::reset},
                              {"/slow/", What::slow},
                              {"/garbage/", What::garbage}};
  constexpr std::string_view kId = "/id/";
  for (const Known& known : kKnown) {
    if (!target.starts_with(known.prefix)) continue;
    target.remove_prefix(known.prefix.size());
    const auto amount = take_number(target);
    if (!amount || !target.starts_with(kId)) return std::nullopt;
    target.remove_prefix(kId.size());
    const auto id = take_number(target);
    if (!id || !target.empty()) return std::nullopt;
    return Order{known.what, *amount, *id};
  }
  return std::nullopt;
}

}  // namespace http_server
