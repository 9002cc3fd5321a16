#include "explore/standalone/verdict_json.hpp"

#include <array>
#include <cstdio>
#include <type_traits>
#include <vector>

#include "explore/trace/narrative.hpp"
#include "text/safe_text.hpp"

namespace racetrack::explore {
namespace {

/// A JSON string of the printable text: valid UTF-8, whatever bytes a message has.
std::string quoted(std::string_view text) {
  std::string quoted = "\"";
  for (const char letter : text::printable(text)) {
    if (letter == '"' || letter == '\\') {
      quoted += '\\';
      quoted += letter;
    } else if (letter == '\n') {
      quoted += "\\n";
    } else if (static_cast<unsigned char>(letter) < 0x20) {
      std::array<char, 8> escape{};
      std::snprintf(escape.data(), escape.size(), "\\u%04x", static_cast<unsigned>(letter));
      quoted += escape.data();
    } else {
      quoted += letter;
    }
  }
  return quoted + "\"";
}

/// A JSON object whose members keep the order in which they are added.
class Object {
 public:
  Object& add(std::string_view name, std::string_view text) { return add_raw(name, quoted(text)); }
  Object& add(std::string_view name, const char* text) { return add_raw(name, quoted(text)); }
  Object& add(std::string_view name, bool truth) { return add_raw(name, truth ? "true" : "false"); }
  Object& add(std::string_view name, std::uint64_t number) { return add_raw(name, std::to_string(number)); }
  Object& add(std::string_view name, double number) {
    std::array<char, 32> text{};
    std::snprintf(text.data(), text.size(), "%.6f", number);
    return add_raw(name, text.data());
  }
  Object& add_raw(std::string_view name, const std::string& json) {
    text_ += (text_.empty() ? "" : ", ") + quoted(name) + ": " + json;
    return *this;
  }
  [[nodiscard]] std::string text() const { return "{" + text_ + "}"; }

 private:
  std::string text_;
};

template <class Item, class Format>
std::string list(const std::vector<Item>& items, Format format) {
  std::string text;
  for (const Item& item : items) text += (text.empty() ? "" : ", ") + format(item);
  return "[" + text + "]";
}

std::string finding_json(const Finding& finding, const VerdictFacts& facts) {
  Object object;
  object.add("kind", finding.failure.kind)
      .add("text", finding.failure.text)
      .add("executions", finding.times)
      .add("first_execution", finding.execution)
      .add("strategy", finding.strategy)
      .add("seconds", finding.seconds)
      .add("steps", std::uint64_t{finding.steps})
      .add("replay", "explore." + facts.build + "." + finding.schedule.text() + "." + std::string(facts.test))
      .add("interleaving", narrate(finding, Detail::brief));
  return object.text();
}

}  // namespace

std::string verdict_json(const Exploration& exploration, const VerdictFacts& facts) {
  const auto finding = [&](const Finding& each) { return finding_json(each, facts); };
  const auto suppression = [](const Suppression& each) {
    return Object()
        .add("line", std::uint64_t{each.line})
        .add("reason", each.reason)
        .add("executions", each.times)
        .text();
  };
  const auto library = [](const UnseenLibrary& each) {
    return Object().add("file", each.file).add("samples", each.samples).text();
  };
  Object object;
  object.add("test", facts.test)
      .add("verdict", facts.verdict)
      .add("reason", facts.reason)
      .add("executions", exploration.executions)
      .add("seconds", exploration.seconds)
      .add("threads", std::uint64_t{exploration.threads})
      .add_raw("findings", list(exploration.findings, finding))
      .add_raw("suppressed", list(exploration.suppressed, finding))
      .add_raw("suppressions", list(exploration.suppressions, suppression))
      .add("races_not_reported", std::uint64_t{exploration.races_not_reported})
      .add("abandoned", exploration.abandoned)
      .add("too_long", exploration.too_long)
      .add("exhausted", exploration.complete)
      .add("searched", exploration.searched)
      .add("not_tried", exploration.not_tried)
      .add_raw("notes", list(exploration.notes, [](const std::string& note) { return quoted(note); }))
      .add("samples", exploration.samples)
      .add_raw("unseen_libraries", list(exploration.unseen_libraries, library))
      .add("limits", facts.limits);
  return object.text();
}

}  // namespace racetrack::explore
