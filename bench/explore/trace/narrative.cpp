#include "explore/trace/narrative.hpp"

#include <algorithm>
#include <array>
#include <cstdio>
#include <map>
#include <numeric>
#include <set>
#include <utility>
#include <vector>

#include "explore/trace/code_place.hpp"
#include "explore/trace/folding.hpp"
#include "explore/trace/operation_name.hpp"
#include "explore/trace/printed.hpp"
#include "symbols/symboliser.hpp"

namespace racetrack::explore {
namespace {

constexpr std::size_t kBriefLines = 40, kLastLines = 10;

/// The words of memory that several threads access and that are written after the first of these threads was started.
/// Other words say nothing about an interleaving.
std::set<std::uintptr_t> shared_words(const std::vector<Event>& events) {
  struct Use {
    std::uint64_t threads = 0;
    bool written = false;
  };
  std::map<std::uintptr_t, Use> uses;
  bool alone = true;
  for (const Event& event : events) {
    alone &= event.operation != Operation::create;
    if (event.size == 0) continue;
    for (std::uintptr_t word = event.address / 8; word <= (event.address + event.size - 1) / 8; ++word) {
      Use& use = uses[word];
      use.threads |= std::uint64_t{1} << event.thread;
      use.written |= !alone && event.operation != Operation::read && event.operation != Operation::load;
    }
  }
  std::set<std::uintptr_t> shared;
  for (const auto& [word, use] : uses) {
    if (use.written && (use.threads & (use.threads - 1)) != 0) shared.insert(word);
  }
  return shared;
}

class Narrator {
 public:
  explicit Narrator(const Finding& finding)
      : finding_(finding), log_(finding.events), shared_(shared_words(log_.events)) {
    for (const auto& [address, name] : log_.names) names_[address] = name;
    for (const Event& event : log_.events) threads_ = std::max(threads_, event.thread + 1U);
    const auto first_start = std::find_if(log_.events.begin(), log_.events.end(),
                                          [](const Event& event) { return event.operation == Operation::create; });
    if (first_start != log_.events.end()) first_start_step_ = first_start->step;
    for (const std::uintptr_t frame : log_.frames) {
      if (files_.contains(frame)) continue;
      const FilePlace place = in_file(frame);
      files_[frame] = place;
      symbols_.want(place.module, place.offset);
    }
    symbols_.resolve();
  }

  std::string text(Detail detail) {
    // Name objects in the order of the full version, so that both versions use the same names.
    for (const Event& event : log_.events) {
      if (is_shown(event, Detail::full)) static_cast<void>(operands(event));
    }
    std::vector<Line> lines;
    const std::map<std::uintptr_t, std::uint32_t> uses = shared_uses();
    const Event* before = nullptr;
    for (const Event& event : log_.events) {
      if (!is_shown(event, detail)) continue;
      const auto use = uses.find(event.address);
      lines.push_back({event.step, text_of(event), use == uses.end() ? ~0U : use->second});
      if (before != nullptr && preempts(*before, event)) lines.back().rank = lines[lines.size() - 2].rank = 0;
      before = &event;
    }
    const std::vector<FoldedLine> folded = fold(lines);
    const std::vector<bool> shown = detail == Detail::full ? std::vector<bool>(folded.size(), true) : selected(folded);
    std::string text = heading();
    if (log_.dropped) text += "  ... many early lines, which are too many to keep\n";
    for (std::size_t i = 0; i < folded.size();) {
      if (shown[i]) {
        text += folded[i++].text;
        continue;
      }
      const std::size_t first = i;
      while (i < folded.size() && !shown[i]) ++i;
      text += "  ... " + std::to_string(i - first) + (i - first == 1 ? " line" : " lines") + ", which --print shows\n";
    }
    return text + stacks();
  }

  [[nodiscard]] CodePlaces places() const {
    CodePlaces places;
    for (const Site& site : sites()) {
      std::vector<CodePlace>& stack = places.emplace_back();
      for (std::uint32_t i = site.event->depth; i-- > 0;) {
        const auto file = files_.find(log_.frames[site.event->stack + i]);
        if (file == files_.end()) continue;
        const symbols::SourcePlace place = place_among(symbols_.places(file->second.module, file->second.offset));
        if (place.file.empty() && place.function.empty()) continue;
        stack.push_back(
            {place.function, place.file.empty() ? "" : short_name(place.file) + ":" + std::to_string(place.line)});
      }
    }
    return places;
  }

 private:
  /// Whether another thread runs although the previous one could have continued: the failure needs such switches.
  static bool preempts(const Event& before, const Event& after) {
    if (before.thread == after.thread) return false;
    switch (before.operation) {
      case Operation::block:
      case Operation::condition_wait:
      case Operation::semaphore_wait:
      case Operation::barrier_wait:
      case Operation::futex_wait:
      case Operation::await_end:
      case Operation::end:
      case Operation::yield:
      case Operation::sleep: return false;
      default: return true;
    }
  }

  /// The number of accesses to each object that several threads use. Rarely used objects are more informative about a
  /// failure.
  [[nodiscard]] std::map<std::uintptr_t, std::uint32_t> shared_uses() const {
    std::map<std::uintptr_t, std::pair<std::uint64_t, std::uint32_t>> uses;
    for (const Event& event : log_.events) {
      if (event.address == 0 || event.operation == Operation::read || event.operation == Operation::write) continue;
      auto& [threads, count] = uses[event.address];
      threads |= set_of(event.thread);
      ++count;
    }
    std::map<std::uintptr_t, std::uint32_t> shared;
    for (const auto& [address, use] : uses) {
      if ((use.first & (use.first - 1)) != 0) shared[address] = use.second;
    }
    return shared;
  }

  /// Selects the lines of the short version: first the last lines, then those around preemptions, then those of shared
  /// objects with few accesses. Among equal ones, the later are selected.
  static std::vector<bool> selected(const std::vector<FoldedLine>& lines) {
    std::vector<bool> shown(lines.size(), lines.size() <= kBriefLines);
    if (lines.size() <= kBriefLines) return shown;
    std::vector<std::size_t> order(lines.size());
    std::iota(order.rbegin(), order.rend(), 0);
    std::stable_sort(order.begin() + kLastLines, order.end(),
                     [&](std::size_t one, std::size_t other) { return lines[one].rank < lines[other].rank; });
    for (std::size_t i = 0; i < kBriefLines; ++i) shown[order[i]] = true;
    return shown;
  }

  [[nodiscard]] bool is_shown(const Event& event, Detail detail) const {
    switch (event.operation) {
      case Operation::read:
      case Operation::write:
        return touches(event, finding_.failure.address) ||
               ((detail == Detail::full || finding_.schedule.plain_steps) && is_shared(event));
      case Operation::allocate:
      case Operation::release:
        return holds(event, finding_.failure.address) || (detail == Detail::full && is_shared(event));
      default: return true;
    }
  }
  [[nodiscard]] bool is_shared(const Event& event) const {
    if (event.step < first_start_step_) return false;
    const auto word = shared_.lower_bound(event.address / 8);
    return word != shared_.end() && *word <= (event.address + (event.size == 0 ? 0 : event.size - 1U)) / 8;
  }
  /// Whether the address is in the block that the event allocates or frees; `value` is the block's size.
  [[nodiscard]] static bool holds(const Event& event, std::uintptr_t address) {
    return address - event.address < std::max<std::uint64_t>(event.value, 1);
  }
  /// Whether the event is the earlier access of a race with the last event: an allocation or a free when the failure
  /// has that cause, otherwise an access of the same bytes, which must be a write if the earlier access wrote.
  [[nodiscard]] bool is_other_side(const Event& event) const {
    switch (finding_.failure.earlier.cause) {
      case Cause::allocation: return event.operation == Operation::allocate && holds(event, finding_.failure.address);
      case Cause::free: return event.operation == Operation::release && holds(event, finding_.failure.address);
      default: break;
    }
    const Event& second = log_.events.back();
    const bool overlaps = event.address < second.address + second.size && second.address < event.address + event.size;
    const bool reads = event.operation == Operation::read || event.operation == Operation::load ||
                       event.operation == Operation::not_exchanged;
    const bool wrote = (finding_.failure.earlier.kind & kPlainWrite) != 0;
    return (overlaps || (second.size == 0 && touches(event, finding_.failure.address))) && (!wrote || !reads);
  }
  [[nodiscard]] static bool touches(const Event& event, std::uintptr_t address) {
    return address != 0 && event.address < (address | 7U) + 1 &&
           (address & ~std::uintptr_t{7}) < event.address + event.size;
  }

  [[nodiscard]] std::string heading() const {
    std::string text = "  step";
    for (unsigned i = 0; i < threads_; ++i) text += i == 0 ? "  thread 0 (main)" : "  | thread " + std::to_string(i);
    return text + "\n";
  }

  std::string text_of(const Event& event) {
    std::string line;
    for (unsigned i = 0; i < event.thread; ++i) line += "|   ";
    line += "T" + std::to_string(event.thread) + " " + std::string(operation_name(event.operation)) + operands(event);
    const std::string place = place_of(event);
    return line + (place.empty() ? "" : "   " + place) + "\n";
  }

  std::string operands(const Event& event) {
    switch (event.operation) {
      case Operation::create:
      case Operation::await_end:
      case Operation::join:
      case Operation::cancel:
      case Operation::detach: return " " + std::to_string(event.address);
      case Operation::end:
      case Operation::cancelled:
      case Operation::yield:
      case Operation::sleep: return "";
      case Operation::choice: return " " + std::to_string(event.value);
      case Operation::fence: return " " + std::string(memory_order_name(event.order));
      default: break;
    }
    std::string text = " " + name_of(event.address);
    if (event.operation == Operation::block && event.value != kNotHeld) {
      text += ", which T" + std::to_string(event.value) + " holds";
    }
    if (event.size != 0 && event.operation != Operation::write) text += " = " + value_text(event.value);
    if (event.order >= 0) text += " (" + std::string(memory_order_name(event.order)) + ")";
    if (event.stale != 0) text += stale_text(log_.stale_reads[event.stale - 1]);
    return text;
  }
  static std::string stale_text(const StaleRead& read) {
    const auto stored = [](ThreadId writer, std::uint32_t step) {
      return "T" + std::to_string(writer) + "'s store of step " + std::to_string(step);
    };
    return ", stale: " + (read.step == 0 ? "the first value" : stored(read.writer, read.step)) +
           (read.newer == 1 ? "; newer is " : "; newest of " + std::to_string(read.newer) + " newer is ") +
           value_text(read.latest_value) + ", " + stored(read.latest_writer, read.latest_step);
  }
  static std::string value_text(std::uint64_t value) {
    std::array<char, 24> text{};
    std::snprintf(text.data(), text.size(), value < 1'000'000 ? "%lu" : "0x%lx", value);
    return text.data();
  }

  /// Names global variables by their symbol, everything else by a letter in the order of appearance.
  std::string name_of(std::uintptr_t address) {
    const auto known = names_.find(address);
    if (known != names_.end()) return known->second;
    std::string name;
    if (!in_world(address)) {
      const FilePlace place = in_file(address);
      if (!place.module.empty()) name = symbols_.variable(place.module, place.offset);
    }
    if (name.empty()) {
      std::size_t number = letters_++;
      do name.insert(name.begin(), static_cast<char>('a' + number % 26));
      while ((number /= 26) != 0);
    }
    return names_[address] = name;
  }

  [[nodiscard]] std::string place_text(std::uintptr_t frame, bool with_function) const {
    const auto file = files_.find(frame);
    if (file == files_.end()) return "";
    const symbols::SourcePlace place = place_among(symbols_.places(file->second.module, file->second.offset));
    if (place.file.empty()) return with_function && !place.function.empty() ? place.function : "";
    return (with_function ? place.function + " at " : "") + short_name(place.file) + ":" + std::to_string(place.line);
  }

  [[nodiscard]] bool has_source_line(std::uintptr_t frame) const {
    const auto file = files_.find(frame);
    if (file == files_.end()) return false;
    const symbols::SourcePlace place = place_among(symbols_.places(file->second.module, file->second.offset));
    return !place.file.empty() && !symbols::is_standard_header(place.file);
  }

  /// The place of the innermost call outside standard headers.
  [[nodiscard]] std::string place_of(const Event& event) const {
    if (event.operation == Operation::end) return "";
    for (std::uint32_t i = event.depth; i-- > 0;) {
      const std::uintptr_t frame = log_.frames[event.stack + i];
      if (has_source_line(frame)) return place_text(frame, false);
    }
    return "";
  }

  [[nodiscard]] std::string stack_of(const Event& event) const {
    std::string text;
    for (std::uint32_t i = event.depth; i-- > 0;) {
      const std::string place = place_text(log_.frames[event.stack + i], true);
      if (!place.empty()) text += "      " + place + "\n";
    }
    return text;
  }

  /// An event at which the failure is, and its role.
  struct Site {
    const char* role;
    const Event* event;
  };
  /// The two accesses of a race; for another failure, the last step of each thread that has not ended.
  [[nodiscard]] std::vector<Site> sites() const {
    std::vector<Site> sites;
    if (log_.events.empty()) return sites;
    if (finding_.failure.kind == "race") {
      const Access& earlier = finding_.failure.earlier;
      const Event* first = nullptr;
      for (const Event& event : log_.events) {
        if (event.thread == earlier.thread && event.epoch == earlier.epoch && is_other_side(event)) first = &event;
      }
      if (first != nullptr) sites.push_back({"first", first});
      sites.push_back({"second", &log_.events.back()});
      return sites;
    }
    for (unsigned thread = 0; thread < threads_; ++thread) {
      const auto last = std::find_if(log_.events.rbegin(), log_.events.rend(),
                                     [&](const Event& event) { return event.thread == thread; });
      if (last != log_.events.rend() && last->operation != Operation::end) sites.push_back({"last", &*last});
    }
    return sites;
  }
  [[nodiscard]] std::string stacks() const {
    std::string text;
    for (const Site& site : sites()) text += site_text(site.role, *site.event);
    return text;
  }
  [[nodiscard]] std::string site_text(const char* which, const Event& event) const {
    std::string what = std::string(operation_name(event.operation));
    if (event.size != 0) what += " of " + std::to_string(event.size) + " bytes";
    if (event.order >= 0) what += ", " + std::string(memory_order_name(event.order));
    return std::string("    ") + which + ": thread " + std::to_string(event.thread) + ", step " +
           std::to_string(event.step) + ": " + what + "\n" + stack_of(event);
  }

  const Finding& finding_;
  const EventLog& log_;
  std::set<std::uintptr_t> shared_;
  std::uint32_t first_start_step_ = 0;  ///< of the first thread start; earlier plain accesses are not shown
  unsigned threads_ = 0;
  symbols::Symboliser symbols_;
  std::map<std::uintptr_t, FilePlace> files_;
  std::map<std::uintptr_t, std::string> names_;
  std::size_t letters_ = 0;
};

}  // namespace

std::string narrate(const Finding& finding, Detail detail) {
  return Narrator(finding).text(detail) + show_printed(finding.printed);
}

CodePlaces places_of(const Finding& finding) { return Narrator(finding).places(); }

}  // namespace racetrack::explore
