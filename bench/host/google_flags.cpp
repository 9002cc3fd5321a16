#include "host/google_flags.hpp"

#include <charconv>
#include <cmath>
#include <string_view>

namespace racetrack::host {
namespace {

constexpr std::string_view kPrefix = "--benchmark_";

double positive(const std::string& flag, std::string_view value) {
  if (value.ends_with('s')) value.remove_suffix(1);  // newer Google Benchmark writes 0.5s
  double number = 0;
  const auto [end, error] = std::from_chars(value.data(), value.data() + value.size(), number);
  if (error != std::errc{} || end != value.data() + value.size() || !(number > 0) || !std::isfinite(number)) {
    throw usage_error(flag + ": needs a finite number above 0");
  }
  return number;
}

void take(const std::string& flag, const std::string& value, SweepOptions& options) {
  const std::string name = flag.substr(kPrefix.size());
  if (name == "filter") {
    options.selection.filter = value;
  } else if (name == "repetitions") {
    const double forks = positive(flag, value);
    if (forks != static_cast<unsigned>(forks) || forks > 1000) {
      throw usage_error(flag + ": needs a whole number from 1 to 1000");
    }
    options.forks = static_cast<unsigned>(forks);
  } else if (name == "min_time") {
    options.min_time_s = positive(flag, value);
  } else if (name == "out") {
    options.benchmark_out = value;
  } else if (name == "out_format") {
    if (value != "json") throw usage_error(flag + ": only json is written (asked for '" + value + "')");
  } else if (name == "format") {
    if (value != "json" && value != "console")
      throw usage_error(flag + ": console or json (asked for '" + value + "')");
    options.format = value;
  } else if (name == "list_tests") {
    if (value != "true" && value != "false") throw usage_error(flag + ": true or false");
    options.list_only = value == "true";
  } else {
    throw usage_error(
        flag +
        ": racetrack does not take this flag of Google Benchmark (it takes filter, repetitions, min_time, "
        "out, out_format, format, list_tests)");
  }
}

}  // namespace

void take_google_flags(std::vector<std::string>& arguments, SweepOptions& options) {
  std::vector<std::string> others;
  for (const std::string& argument : arguments) {
    if (!argument.starts_with(kPrefix)) {
      others.push_back(argument);
      continue;
    }
    const std::size_t equals = argument.find('=');
    const std::string flag = argument.substr(0, equals);
    if (equals == std::string::npos && flag != "--benchmark_list_tests") {
      throw usage_error(flag + ": write " + flag + "=VALUE");
    }
    take(flag, equals == std::string::npos ? "true" : argument.substr(equals + 1), options);
  }
  arguments = std::move(others);
}

}  // namespace racetrack::host
