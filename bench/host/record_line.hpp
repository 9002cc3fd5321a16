// A record as its line in records.jsonl, and back.
#pragma once

#include <string>
#include <string_view>

#include <nlohmann/json.hpp>

namespace racetrack::host {

/// The record as one line without its end. Its last member, `crc32`, is the CRC-32 of all before it, so that a digit that
/// changed on a disk is seen. Invalid UTF-8 from a subject is replaced, never a reason to lose a record.
std::string line_of(const nlohmann::json& record);

/// The record of a line, without `crc32`; discarded when the line is no JSON or is not what was written. A line without a
/// checksum is taken as it is: somebody may have written it by hand.
nlohmann::json record_of(std::string_view line);

}  // namespace racetrack::host
