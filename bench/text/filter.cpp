#include "text/filter.hpp"

#include <stdexcept>

#include <re2/re2.h>

#include "text/safe_text.hpp"

namespace racetrack::text {

Filter::Filter(const std::string& text) {
  if (text.empty()) return;
  RE2::Options options;
  options.set_log_errors(false);
  const auto expression = std::make_shared<const RE2>(text, options);
  if (!expression->ok()) {
    throw std::invalid_argument("filter " + quoted_or_hex(text) +
                                " is not a regular expression (RE2): " + printable_line(expression->error()));
  }
  expression_ = expression;
}

bool Filter::matches(const std::string& name) const {
  return expression_ == nullptr || RE2::PartialMatch(name, *expression_);
}

}  // namespace racetrack::text
