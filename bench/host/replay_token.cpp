#include "host/replay_token.hpp"

#include <algorithm>
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
                      "' is neither a file nor a whole replay token: copy it from the failure's replay line");
  }
  return {parts[1], *seed, *round, name};
}

std::string ExploreToken::text() const { return fmt::format("explore.{}.{}.{}", commit, schedule, case_name); }

ExploreToken ExploreToken::parse(const std::string& text) {
  const std::size_t first = text.find('.'), second = text.find('.', first + 1), third = text.find('.', second + 1);
  if (!begins(text) || third == std::string::npos || text.find("/pin:", third) == std::string::npos) {
    throw usage_error("'" + text + "' is no whole replay token: copy it from the failure's replay line");
  }
  return {text.substr(first + 1, second - first - 1), text.substr(second + 1, third - second - 1),
          text.substr(third + 1)};
}

Case case_of(const std::vector<Plugin>& plugins, const std::string& name) {
  for (const Plugin& plugin : plugins) {
    for (const Scenario& scenario : plugin.scenarios) {
      if (!name.starts_with(scenario.name() + "/")) continue;
      Parameters params;
      for (std::size_t begin = scenario.name().size() + 1; begin < name.size();) {
        const std::size_t end = std::min(name.find('/', begin), name.size());
        const std::string pair = name.substr(begin, end - begin);
        const std::size_t colon = pair.find(':');
        if (colon == std::string::npos) throw usage_error("'" + pair + "' in the token is no name:value");
        params.set(pair.substr(0, colon), pair.substr(colon + 1));
        begin = end + 1;
      }
      return {plugin.file, &scenario, params, name};
    }
  }
  throw usage_error("the token names " + name + ", which no plugin here has");
}

}  // namespace racetrack::host
