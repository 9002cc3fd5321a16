#include "host/record_line.hpp"

#include <array>
#include <cstddef>
#include <cstdint>

#include <fmt/format.h>

namespace racetrack::host {
namespace {

constexpr std::string_view kMember = R"(,"crc32":")";
constexpr std::string_view kEnd = R"("})";
constexpr std::size_t kSeal = kMember.size() + 8 + kEnd.size();

// Bit-reflected CRC-32, polynomial 0x04c11db7.
constexpr std::array<std::uint32_t, 256> kTable = [] {
  std::array<std::uint32_t, 256> table{};
  for (std::uint32_t byte = 0; byte < table.size(); ++byte) {
    std::uint32_t rest = byte;
    for (int bit = 0; bit < 8; ++bit) rest = (rest >> 1U) ^ ((rest & 1U) != 0 ? 0xedb88320U : 0U);
    table[byte] = rest;
  }
  return table;
}();

std::string seal_of(std::string_view text) { return fmt::format("{}{:08x}{}", kMember, checksum_of(text), kEnd); }

}  // namespace

std::uint32_t checksum_of(std::string_view text) {
  std::uint32_t rest = 0xffffffffU;
  for (const char each : text) rest = (rest >> 8U) ^ kTable[(rest ^ static_cast<unsigned char>(each)) & 0xffU];
  return ~rest;
}

std::string line_of(const nlohmann::json& record) {
  std::string line = record.dump(-1, ' ', false, nlohmann::json::error_handler_t::replace);
  line.pop_back();
  return line + seal_of(line);
}

nlohmann::json record_of(std::string_view line) {
  nlohmann::json record = nlohmann::json::parse(line, nullptr, false);
  if (!record.is_object() || !record.contains("crc32")) return record;
  const std::size_t sealed = line.size() < kSeal ? 0 : line.size() - kSeal;
  if (line.substr(sealed) != seal_of(line.substr(0, sealed))) return nlohmann::json(nlohmann::json::value_t::discarded);
  record.erase("crc32");
  return record;
}

}  // namespace racetrack::host
