#include "host/replay_token.hpp"

#include <array>

#include <fmt/format.h>

#include <racetrack/parameters.hpp>

#include "host/exit.hpp"

namespace racetrack::host {

std::string ReplayToken::text() const { return fmt::format("stress.{}.{}.{}.{}", commit, seed, round, case_name); }

ReplayToken ReplayToken::parse(const std::string& text) {
  std::array<std::string, 4> parts;
  std::size_t begin = 0;
  for (std::string& part : parts) {
    const std::size_t dot = text.find('.', begin);
    if (dot == std::string::npos) break;
    part = text.substr(begin, dot - begin);
    begin = dot + 1;
  }
  const auto seed = to_number(parts[2]), round = to_number(parts[3]);
  const std::string name = text.substr(begin);
  if (parts[0] != "stress" || !seed || !round || name.find("/pin:") == std::string::npos) {
    throw usage_error("'" + text +
                      "' is neither a file nor a complete replay token: copy it from the failure's replay line");
  }
  return {parts[1], *seed, *round, name};
}

std::string ExploreToken::text() const { return fmt::format("explore.{}.{}.{}", commit, schedule, case_name); }

ExploreToken ExploreToken::parse(const std::string& text) {
  const std::size_t first = text.find('.'), second = text.find('.', first + 1), third = text.find('.', second + 1);
  if (!begins(text) || third == std::string::npos || text.find("/pin:", third) == std::string::npos) {
    throw usage_error("'" + text + "' is not a complete replay token: copy it from the failure's replay line");
  }
  return {text.substr(first + 1, second - first - 1), text.substr(second + 1, third - second - 1),
          text.substr(third + 1)};
}

}  // namespace racetrack::host
