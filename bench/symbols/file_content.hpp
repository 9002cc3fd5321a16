// The content of a file, read by stdio. The standard library's streams call read(), which an explored program may define itself.
#pragma once

#include <array>
#include <cstdio>
#include <memory>
#include <optional>
#include <string>

namespace racetrack::symbols {

/// Reads to the end and closes `file`.
inline std::string rest_of(std::FILE* file) {
  const std::unique_ptr<std::FILE, int (*)(std::FILE*)> closed(file, &std::fclose);
  std::string content;
  std::array<char, 16384> part;
  while (const std::size_t size = std::fread(part.data(), 1, part.size(), file)) content.append(part.data(), size);
  return content;
}

/// Nothing when the file cannot be opened.
inline std::optional<std::string> content_of(const std::string& path) {
  std::FILE* const file = std::fopen(path.c_str(), "rbe");
  if (file == nullptr) return std::nullopt;
  return rest_of(file);
}

}  // namespace racetrack::symbols
