#include "host/benchmark_json.hpp"

#include <algorithm>
#include <set>
#include <utility>

#include <fmt/format.h>

#include "host/regular_file.hpp"

namespace racetrack::host {
namespace {

using Json = nlohmann::json;

/// Maximum size of an earlier file in bytes; it is read as a whole.
constexpr std::uintmax_t kMostOfAnEarlierFile = std::uintmax_t{64} << 20U;

void strip_ending(Json& entry, const char* key, const std::string& name) {
  if (entry.contains(key)) entry[key] = name;
}

/// Returns `text` with `margin` before each line except the first.
std::string indented(const std::string& text, const std::string& margin) {
  std::string result;
  for (const char c : text) {
    result += c;
    if (c == '\n') result += margin;
  }
  return result;
}

std::string text_of(const Json& value) { return value.dump(2, ' ', false, Json::error_handler_t::replace); }

bool is_entry(const Json& entry) {
  return entry.is_object() && entry.contains("name") && entry["name"].is_string() &&
         entry.contains("repetition_index") && entry["repetition_index"].is_number_unsigned() &&
         entry["repetition_index"].get<std::uint64_t>() <= std::numeric_limits<unsigned>::max();
}

}  // namespace

std::uint32_t BenchmarkJson::number_of(const std::string& name) {
  return numbers_.try_emplace(name, static_cast<std::uint32_t>(numbers_.size())).first->second;
}

void BenchmarkJson::add_entries(const std::string& name, unsigned fork, const Json& entries, const Json& context) {
  const std::pair<std::string, unsigned> place{name, fork};
  if (context.is_object() && !context.empty() && (context_.empty() || place < first_)) {
    context_ = context;
    first_ = place;
  }
  for (Json entry : entries) {
    strip_ending(entry, "name", name);
    strip_ending(entry, "run_name", name);
    entry["per_family_instance_index"] = 0;
    entry["repetitions"] = forks_;
    entry["repetition_index"] = fork;
    entry.erase("family_index");  // computed in write(), when all entries are known
    entries_.push_back(
        {{number_of(name), fork}, texts_.add(entry.dump(-1, ' ', false, Json::error_handler_t::replace))});
  }
}

void BenchmarkJson::add(const std::string& name, unsigned fork, const Json& document) {
  if (!document.is_object() || !document.contains("benchmarks") || !document["benchmarks"].is_array()) return;
  add_entries(name, fork, document["benchmarks"], document.value("context", Json::object()));
}

std::string BenchmarkJson::add_earlier(const std::filesystem::path& file) {
  const RegularFile earlier = RegularFile::read(file);
  if (!earlier.is_open()) return earlier.is_missing() ? "" : earlier.error();
  if (earlier.size() > kMostOfAnEarlierFile) {
    return fmt::format("has {} bytes, and at most {} are read", earlier.size(), kMostOfAnEarlierFile);
  }
  const Json before = Json::parse(earlier.content(), nullptr, false);
  if (!before.is_object() || !before.contains("benchmarks") || !before["benchmarks"].is_array()) {
    return "is not a Google Benchmark document";
  }
  std::set<std::pair<std::uint32_t, unsigned>> known;
  for (const auto& [key, text] : entries_) known.insert({key.name, key.fork});
  const Json context = before.value("context", Json::object());
  for (const Json& entry : before["benchmarks"]) {
    if (!is_entry(entry)) continue;
    const std::string name = entry["name"];
    const unsigned fork = entry["repetition_index"];
    if (!known.contains({number_of(name), fork})) add_entries(name, fork, Json::array({entry}), context);
  }
  return "";
}

void BenchmarkJson::write(const std::function<void(const std::string&)>& piece) const {
  std::vector<std::uint32_t> rank(numbers_.size());  // position of each case in order of names, by its number
  std::uint32_t next = 0;
  for (const auto& [name, number] : numbers_) rank[number] = next++;
  std::vector<std::pair<Key, std::size_t>> order;
  for (std::size_t i = 0; i < entries_.size(); ++i) {
    order.push_back({{rank[entries_[i].first.name], entries_[i].first.fork}, i});
  }
  std::sort(order.begin(), order.end());
  piece("{\n  \"benchmarks\": [");
  long family_index = -1;
  std::uint32_t family = 0;
  bool first = true;
  for (const auto& [key, i] : order) {
    if (first || key.name != family) ++family_index;
    family = key.name;
    Json entry = Json::parse(texts_.text_at(entries_[i].second));
    entry["family_index"] = family_index;
    piece((first ? "\n    " : ",\n    ") + indented(text_of(entry), "    "));
    first = false;
  }
  piece((first ? "],\n" : "\n  ],\n") + ("  \"context\": " + indented(text_of(context_), "  ")) + "\n}\n");
}

}  // namespace racetrack::host
