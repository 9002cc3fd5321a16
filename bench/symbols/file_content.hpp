// Reads files with stdio. The standard library's streams call read(), which an explored program may define itself.
#pragma once

#include <array>
#include <cstdio>
#include <memory>
#include <optional>
#include <string>

namespace racetrack::symbols {

/// Reads `file` to its end, closes it, and returns the content.
inline std::string rest_of(std::FILE* file) {
  const std::unique_ptr<std::FILE, int (*)(std::FILE*)> closed(file, &std::fclose);
  std::string content;
  std::array<char, 16384> part;
  while (const std::size_t size = std::fread(part.data(), 1, part.size(), file)) content.append(part.data(), size);
  return content;
}

/// Returns the content of a file, or nothing when it cannot be opened.
inline std::optional<std::string> content_of(const std::string& path) {
  std::FILE* const file = std::fopen(path.c_str(), "rbe");
  if (file == nullptr) return std::nullopt;
  return rest_of(file);
}

}  // namespace racetrack::symbols
