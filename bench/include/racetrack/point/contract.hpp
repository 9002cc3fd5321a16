// What a Point is here: its operations (a concept) and its declared properties (traits).
#pragma once

#include <concepts>
#include <cstdint>
#include <string>
#include <string_view>

#include <racetrack/progress.hpp>
#include <racetrack/scenario.hpp>

namespace racetrack::point {

/// Both coordinates of one moment, as get() returns them.
template <class Number>
struct BasicCoordinates {
  Number x, y;
};
using Coordinate = std::int64_t;
using Coordinates = BasicCoordinates<Coordinate>;

/// Whom a reader shares the point with. alone: with nobody. together: with other readers. optimistic: with everybody; it
/// reads again when a writer came in between.
enum class Readers : std::uint8_t { alone, together, optimistic };
/// Who is next. none: whoever comes first. fifo: in the order of arrival.
enum class Fairness : std::uint8_t { none, fifo };

using enum Progress;
using enum Readers;
inline constexpr Fairness fifo = Fairness::fifo;

/// What a Point declares of itself. Everything here is shown in every table.
struct Traits {
  std::string library = "racetrack";  ///< package or project, with its version
  std::string lock = "none";          ///< kind: none, mutex, spin, ticket, queue, reader_writer, sequence, atomic
  Readers readers = alone;
  Fairness fairness = Fairness::none;
  Progress progress = blocking;
  bool fences = false;  ///< uses atomic_thread_fence, which ThreadSanitizer does not model
};

/// A pair of coordinates that begins as (0, 0). set and get are called by any number of threads at once.
/// get returns the two that one set was given; a Point that returns one of each of two sets is torn.
template <class Subject>
concept PointOf = std::default_initializable<Subject> && requires(Subject& point) {
  { point.get().x } -> std::convertible_to<std::int64_t>;
  { point.get().y } -> std::convertible_to<std::int64_t>;
  point.set(point.get().x, point.get().y);
};

inline std::string_view to_word(Readers readers) noexcept {
  switch (readers) {
    case Readers::alone: return "alone";
    case Readers::together: return "together";
    case Readers::optimistic: return "optimistic";
  }
  return "";
}
inline std::string_view to_word(Fairness fairness) noexcept { return fairness == Fairness::fifo ? "fifo" : "none"; }

inline TraitList to_list(const Traits& traits, std::size_t coordinate_bytes, std::size_t point_bytes) {
  return {{"library", traits.library},
          {"lock", traits.lock},
          {"readers", std::string(to_word(traits.readers))},
          {"fairness", std::string(to_word(traits.fairness))},
          {"progress", std::string(to_word(traits.progress))},
          {"fences", traits.fences},
          {"coordinate_bytes", static_cast<std::int64_t>(coordinate_bytes)},
          {"point_bytes", static_cast<std::int64_t>(point_bytes)}};
}

}  // namespace racetrack::point
