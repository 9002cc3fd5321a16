// The interface of a Point: its operations (a concept) and its declared properties (traits).
#pragma once

#include <concepts>
#include <cstdint>
#include <string>
#include <string_view>

#include <racetrack/progress.hpp>
#include <racetrack/scenario.hpp>

namespace racetrack::point {

/// Two coordinates that one set() wrote, as get() returns them.
template <class Number>
struct BasicCoordinates {
  Number x, y;
};
using Coordinate = std::int64_t;
using Coordinates = BasicCoordinates<Coordinate>;

/// Which threads may access the point while a thread reads it. alone: none. together: other readers. optimistic: all
/// threads; a reader retries when a writer interfered.
enum class Readers : std::uint8_t { alone, together, optimistic };
/// The order in which threads get access. none: no defined order. fifo: the order of arrival.
enum class Fairness : std::uint8_t { none, fifo };

using enum Progress;
using enum Readers;
inline constexpr Fairness fifo = Fairness::fifo;

/// The declared properties of a Point. Every table shows them.
struct Traits {
  std::string library = "racetrack";  ///< package or project, with its version
  std::string lock = "none";          ///< kind: none, mutex, spin, ticket, queue, reader_writer, sequence, atomic
  Readers readers = alone;
  Fairness fairness = Fairness::none;
  Progress progress = blocking;
  bool fences = false;  ///< uses atomic_thread_fence, which ThreadSanitizer does not model
};

/// A pair of coordinates, initially (0, 0). Any number of threads call set and get concurrently. get returns the two
/// coordinates of one set; a get that mixes the coordinates of two sets is torn.
template <class Subject>
concept PointOf = std::default_initializable<Subject> && requires(Subject& point) {
  { point.get().x } -> std::convertible_to<std::int64_t>;
  { point.get().y } -> std::convertible_to<std::int64_t>;
  point.set(point.get().x, point.get().y);
};

/// Returns the name of the value in records and tables.
inline std::string_view to_word(Readers readers) noexcept {
  switch (readers) {
    case Readers::alone: return "alone";
    case Readers::together: return "together";
    case Readers::optimistic: return "optimistic";
  }
  return "";
}
inline std::string_view to_word(Fairness fairness) noexcept { return fairness == Fairness::fifo ? "fifo" : "none"; }

/// Returns the traits for records and tables.
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
