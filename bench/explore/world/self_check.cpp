#include "explore/world/self_check.hpp"

#include <algorithm>
#include <bit>
#include <cinttypes>
#include <cstdio>
#include <cstring>
#include <sstream>
#include <string_view>

#include "explore/runtime.hpp"
#include "symbols/file_content.hpp"

namespace racetrack::explore {
namespace {

/// Larger mappings are pools of memory that hardly any of is used: to read them would take longer than the executions.
constexpr std::size_t kLargest = std::size_t{16} << 20;

std::uint64_t checksum_of(const Span& span) noexcept {
  std::uint64_t sum = 0;
  for (std::uintptr_t at = span.begin; at < span.end; at += sizeof sum) {
    std::uint64_t word = 0;
    std::memcpy(&word, reinterpret_cast<const void*>(at), std::min<std::size_t>(sizeof word, span.end - at));
    sum = (sum ^ word) * 0x9E3779B97F4A7C15U;
    sum ^= sum >> 32U;
  }
  return sum;
}

/// The parts of `span` outside the other spans, which may be in any order.
std::vector<Span> without(Span span, std::vector<Span> others) {
  std::sort(others.begin(), others.end(), [](const Span& a, const Span& b) { return a.begin < b.begin; });
  std::vector<Span> rest;
  for (const Span& other : others) {
    if (other.end <= span.begin || span.end <= other.begin) continue;
    if (span.begin < other.begin) rest.push_back({span.begin, other.begin});
    span.begin = std::min(other.end, span.end);
  }
  if (span.begin < span.end) rest.push_back(span);
  return rest;
}

}  // namespace

void SelfCheck::begin(const std::vector<Span>& left_out) {
  parts_.clear();
  executions_ = 0;
  std::istringstream maps(symbols::content_of("/proc/self/maps").value_or(""));
  for (std::string line; std::getline(maps, line);) {
    Span span{0, 0};
    char rights[5] = {};
    int name = 0;
    if (std::sscanf(line.c_str(), "%" SCNxPTR "-%" SCNxPTR " %4s %*s %*s %*s %n", &span.begin, &span.end, rights,
                    &name) < 3)
      continue;
    const std::string_view title =
        std::string_view(line).substr(std::min<std::size_t>(static_cast<std::size_t>(name), line.size()));
    // These mappings hold the stack and the thread-local variables of the system thread that runs executions.
    const bool is_drivers = title == "[stack]" || span.contains(runtime.driver.storage);
    if (std::string_view(rights) != "rw-p" || is_drivers) continue;
    for (const Span& part : without(span, left_out)) {
      if (part.size() <= kLargest)
        parts_.push_back({part, title.empty() ? "an anonymous mapping" : std::string(title), 0});
    }
  }
}

void SelfCheck::begin_execution() {
  ++executions_;
  if (!std::has_single_bit(executions_)) return;
  for (Part& part : parts_) {
    const std::uint64_t now = checksum_of(part.span);
    if (executions_ == 1) part.checksum = now;
    if (now != part.checksum)
      runtime.notes.add("not controlled: changes that executions leave in the memory of " + part.name);
  }
}

}  // namespace racetrack::explore
