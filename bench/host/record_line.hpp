// Converts a record to its line in records.jsonl, and back.
#pragma once

#include <cstdint>
#include <string>
#include <string_view>

#include <nlohmann/json.hpp>

namespace racetrack::host {

/// CRC-32 as in ISO 3309, zlib and PNG.
std::uint32_t checksum_of(std::string_view text);

/// Returns the record as one line, without a newline. The last member, `crc32`, is the CRC-32 of all bytes before it
/// and detects later damage. Replaces invalid UTF-8 from a subject rather than losing the record.
std::string line_of(const nlohmann::json& record);

/// Returns the record of a line, without `crc32`. Returns a discarded value when the line is not JSON or its checksum
/// is wrong. Accepts a line without a checksum, which a user may have written.
nlohmann::json record_of(std::string_view line);

}  // namespace racetrack::host
