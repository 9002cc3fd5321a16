#include "host/deadlock_text.hpp"

#include <cstdlib>

#include <fmt/format.h>

#include "symbols/symboliser.hpp"

namespace racetrack::host {
namespace {

using nlohmann::json;

std::uint64_t offset_of(const json& place) { return std::strtoull(place.value("offset", "").c_str(), nullptr, 16); }

/// Calls visit(lock) for all locks of an array of threads.
template <class Visit>
void for_each_lock(json& threads, Visit visit) {
  for (json& thread : threads) {
    if (thread["wants"].is_object()) visit(thread["wants"]);
    for (json& lock : thread["holds"]) visit(lock);
  }
}

void name_frame(json& frame, const symbols::Symboliser& symboliser) {
  const symbols::SourcePlace place =
      symbols::telling_place(symboliser.places(frame.value("module", ""), offset_of(frame)));
  frame["function"] = place.function;
  frame["file"] = place.file;
  frame["line"] = place.line;
}

}  // namespace

void name_locks(const std::vector<json*>& threads) {
  symbols::Symboliser symboliser;
  for (json* const each : threads) {
    for_each_lock(*each, [&](json& lock) {
      for (const json& frame : lock["stack"]) symboliser.want(frame.value("module", ""), offset_of(frame));
    });
  }
  symboliser.resolve();
  for (json* const each : threads) {
    for_each_lock(*each, [&](json& lock) {
      lock["name"] = symboliser.variable(lock.value("module", ""), offset_of(lock));
      for (json& frame : lock["stack"]) name_frame(frame, symboliser);
    });
  }
}

std::string describe_frame(const json& frame) {
  const std::string function = frame.value("function", ""), file = frame.value("file", "");
  const std::string module = frame.value("module", "");
  if (!file.empty()) return fmt::format("{} {}:{}", function.empty() ? "?" : function, file, frame.value("line", 0));
  const std::string where = module.empty() ? frame.value("pc", "?") : module + "+" + frame.value("offset", "?");
  return function.empty() ? where : function + " " + where;
}

std::string describe_lock(const json& lock) {
  const std::string kind = lock.value("kind", ""), name = lock.value("name", "");
  std::string text = kind == "rwlock_read" ? "rwlock (reading)" : kind == "rwlock_write" ? "rwlock (writing)" : kind;
  text += " " + lock.value("address", "?");
  return name.empty() ? text : text + " '" + name + "'";
}

std::string describe_stack(const json& lock, const char* indent) {
  std::string text;
  for (const json& frame : lock["stack"]) text += fmt::format("{}{}\n", indent, describe_frame(frame));
  return text;
}

std::string describe_holds(const json& thread) {
  std::string text;
  for (const json& lock : thread["holds"]) {
    text += fmt::format("    holds {}, taken at\n", describe_lock(lock)) + describe_stack(lock, "      ");
  }
  return text;
}

std::string describe_thread_name(const json& thread) {
  const std::string name = thread.value("thread_name", "");
  return fmt::format("thread {}{} (tid {})", thread.value("thread", 0), name.empty() ? "" : " \"" + name + "\"",
                     thread.value("tid", 0));
}

std::string place_of(const json& lock) {
  const json& stack = lock["stack"];
  for (const json& frame : stack) {
    const std::string file = frame.value("file", "");
    if (!file.empty() && !symbols::is_library_header(file)) return describe_frame(frame);
  }
  return stack.empty() ? "" : describe_frame(stack[0]);
}

}  // namespace racetrack::host
