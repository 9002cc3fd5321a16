#include "host/filter.hpp"

#include <stdexcept>

#include "host/exit.hpp"

namespace racetrack::host {

text::Filter parse_filter(const std::string& text) {
  try {
    return text::Filter(text);
  } catch (const std::invalid_argument& error) {
    throw usage_error(std::string(error.what()) + "; --case takes exact names");
  }
}

}  // namespace racetrack::host
