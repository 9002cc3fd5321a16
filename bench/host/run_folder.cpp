#include "host/run_folder.hpp"

#include <cerrno>
#include <chrono>
#include <cstring>
#include <ctime>
#include <system_error>

#include <fcntl.h>
#include <fmt/format.h>
#include <sys/file.h>
#include <sys/stat.h>
#include <unistd.h>

#include <racetrack/parameters.hpp>

#include "host/exit.hpp"
#include "host/record_line.hpp"

namespace racetrack::host {
namespace {

namespace fs = std::filesystem;

// This file contains the size in bytes of records.jsonl after its last record. records.jsonl only ever grows, so a
// smaller file has lost records. Python reads and writes this file too (reports/racetrack_report/records_file.py).
constexpr const char* kSizeName = "records.size";
constexpr std::uintmax_t kMostBytes = std::uintmax_t{1} << 30U;
constexpr std::size_t kMostOfALine = std::size_t{64} << 20U;
constexpr auto kReplace = nlohmann::json::error_handler_t::replace;

class FileLock {
 public:
  explicit FileLock(int file) : file_(file) {
    while (flock(file_, LOCK_EX) != 0 && errno == EINTR) {
    }
  }
  ~FileLock() { flock(file_, LOCK_UN); }
  FileLock(const FileLock&) = delete;
  FileLock& operator=(const FileLock&) = delete;

 private:
  int file_;
};

/// Writes all of `text`. On failure restores the previous length of the file and returns false with errno set.
bool write_whole(int file, const std::string& text) {
  struct stat before {};
  if (fstat(file, &before) != 0) return false;
  std::size_t written = 0;
  while (written < text.size()) {
    const ssize_t n = write(file, text.data() + written, text.size() - written);
    if (n < 0 && errno == EINTR) continue;
    if (n <= 0) {
      const int error = errno;
      static_cast<void>(ftruncate(file, before.st_size) == 0);
      errno = error;
      return false;
    }
    written += static_cast<std::size_t>(n);
  }
  return true;
}

/// Returns whether a line has the members, with their types, that this file and --resume read. Other lines are ignored.
bool is_record(const nlohmann::json& line) {
  const auto has = [&line](const char* path, bool (nlohmann::json::*is)() const noexcept) {
    const nlohmann::json::json_pointer pointer(path);
    return line.contains(pointer) && (line.at(pointer).*is)();
  };
  constexpr auto kText = &nlohmann::json::is_string;
  constexpr auto kObject = &nlohmann::json::is_object;
  if (!line.is_object() || !has("/schema", &nlohmann::json::is_number_integer) || line["schema"] != 1 ||
      !has("/record", kText) || !has("/engine", kText)) {
    return false;
  }
  if (line["record"] == "environment") return has("/build", kObject) && has("/machine/fingerprint", kText);
  if (line["record"] != "case") return true;
  return has("/case", kText) && has("/fork", &nlohmann::json::is_number_unsigned) && has("/ended/how", kText) &&
         has("/ended/value", &nlohmann::json::is_number_integer) && has("/family", kText) && has("/workload", kText) &&
         has("/subject", kText) && has("/params", kObject) && has("/metrics", kObject) && has("/verdict/result", kText);
}

/// Returns whether `path` still names the file that `opened` refers to.
bool is_same(const fs::path& path, int opened) {
  struct stat now {
  }, then{};
  return stat(path.c_str(), &now) == 0 && fstat(opened, &then) == 0 && now.st_dev == then.st_dev &&
         now.st_ino == then.st_ino;
}

/// Returns the offset of the byte that a writer of this engine's records locks, far beyond the end of the file. Python
/// locks the same byte (reports/racetrack_report/records_file.py).
off_t lock_position(const std::string& engine) { return (off_t{1} << 62U) + static_cast<off_t>(checksum_of(engine)); }

}  // namespace

std::string utc_now() {
  const auto now = std::chrono::system_clock::now();
  const auto ms = std::chrono::duration_cast<std::chrono::milliseconds>(now.time_since_epoch()).count();
  const std::time_t s = ms / 1000;
  std::tm utc{};
  gmtime_r(&s, &utc);
  return fmt::format("{:04}-{:02}-{:02}T{:02}:{:02}:{:02}.{:03}Z", utc.tm_year + 1900, utc.tm_mon + 1, utc.tm_mday,
                     utc.tm_hour, utc.tm_min, utc.tm_sec, ms % 1000);
}

RunFolder::RunFolder(fs::path folder, const std::string& engine, const nlohmann::json& build,
                     const std::string& fingerprint, const std::function<void(nlohmann::json&&)>& earlier)
    : folder_(std::move(folder)), records_(RegularFile::none()), size_(RegularFile::none()) {
  std::error_code error;
  fs::create_directories(folder_, error);
  opened_ = Descriptor(open(folder_.c_str(), O_RDONLY | O_DIRECTORY | O_CLOEXEC));
  if (error || opened_.get() < 0) {
    throw usage_error("--out " + folder_.string() + ": cannot be made (" +
                      (error ? error.message() : std::strerror(errno)) + "): choose another folder");
  }
  records_ = RegularFile::open(file(), O_RDWR | O_APPEND | O_CREAT);
  if (!records_.is_open()) throw usage_error(file().string() + ": " + records_.error() + ": choose another --out");
  lock_for(engine);
  read_earlier(build, fingerprint, earlier);
  size_ = RegularFile::open(folder_ / kSizeName, O_WRONLY | O_CREAT);
  least_size_ = records_.size();
}

/// Takes the lock, which ends with this process. On a file system without locks, continues without one.
void RunFolder::lock_for(const std::string& engine) const {
  struct flock lock {};
  lock.l_type = F_WRLCK;
  lock.l_whence = SEEK_SET;
  lock.l_start = lock_position(engine);
  lock.l_len = 1;
  if (fcntl(records_.descriptor(), F_OFD_SETLK, &lock) == 0 || (errno != EAGAIN && errno != EACCES)) return;
  throw usage_error(file().string() + ": another racetrack writes records of " + engine +
                    " to it now: wait until it ends, or choose another --out");
}

void RunFolder::read_earlier(const nlohmann::json& build, const std::string& fingerprint,
                             const std::function<void(nlohmann::json&&)>& earlier) {
  const std::string where = file().string();
  const RegularFile size_file =
      RegularFile::read(folder_ / kSizeName);  // read before the records, because another engine may append at any time
  if (!size_file.is_open() && !size_file.is_missing()) {
    throw usage_error((folder_ / kSizeName).string() + ": " + size_file.error() + ": choose another --out");
  }
  if (size_file.is_open()) {
    const std::string text = size_file.content();
    size_written_ = to_number(std::string_view(text).substr(0, text.find('\n'))).value_or(0);
  }
  const std::uintmax_t size = records_.size();
  if (size > kMostBytes) {
    throw usage_error(
        fmt::format("{}: has {} bytes, and at most {} are read: choose another --out", where, size, kMostBytes));
  }
  if (size == 0) size_written_ = 0;  // the user emptied the file to begin again
  if (size < size_written_) lost_bytes_ = size_written_ - size;
  std::size_t lines = 0;
  records_.for_each_line(kMostOfALine, [&](std::string_view line) {
    ++lines;
    nlohmann::json record = record_of(line);
    if (!is_record(record)) {
      ++unreadable_lines_;
      return;
    }
    if (record["record"] == "environment") {
      const nlohmann::json& theirs = record["build"];
      for (const char* key : {"commit", "dirty"}) {
        if (theirs.value(key, nlohmann::json()) != build.at(key)) {
          throw usage_error(where + ": contains a run of another build (" +
                            theirs.value("commit", nlohmann::json("unknown")).dump(-1, ' ', false, kReplace) +
                            "): choose another --out");
        }
      }
      if (record["machine"]["fingerprint"] != fingerprint) {
        throw usage_error(where + ": contains a run from another environment: choose another --out");
      }
    }
    earlier(std::move(record));
  });
  if (lines > 0 && lines == unreadable_lines_) {
    throw usage_error(where + ": holds no racetrack records: choose another --out");
  }
}

void RunFolder::check() const {
  const auto lost = [this](const std::string& what) {
    return Failure(
        Exit::incomplete,
        fmt::format("{} while this run wrote to it: its {} records are lost or incomplete: leave the folder alone "
                    "and run again",
                    what, appended_));
  };
  const std::string name = file().string();
  if (!is_same(folder_, opened_.get())) throw lost(folder_.string() + ": was removed or replaced");
  if (!is_same(file(), records_.descriptor())) throw lost(name + ": was removed or replaced");
  if (records_.size() < least_size_) throw lost(name + ": was cut short");
}

void RunFolder::append(const nlohmann::json& record) {
  const FileLock lock(records_.descriptor());
  check();
  // Another writer may have been killed within a line; this record must begin on a new line.
  const std::uintmax_t size = records_.size();
  char last = '\n';
  const bool unfinished =
      size > 0 && pread(records_.descriptor(), &last, 1, static_cast<off_t>(size - 1)) == 1 && last != '\n';
  if (!write_whole(records_.descriptor(), (unfinished ? "\n" : "") + line_of(record) + "\n")) {
    throw Failure(Exit::incomplete, file().string() + ": cannot be written (" + std::strerror(errno) +
                                        "): free space, then continue with --resume");
  }
  ++appended_;
  least_size_ = records_.size();
  note_size();
}

void RunFolder::accept_loss() {
  const FileLock lock(records_.descriptor());
  size_written_ = 0;
  note_size();
}

bool RunFolder::is_too_large_to_read() const { return records_.size() > kMostBytes; }

/// Call it under the file's lock. Ignores errors, because the size is only a lower bound.
void RunFolder::note_size() {
  const std::uintmax_t size = records_.size();
  if (!size_.is_open() || size <= size_written_) return;
  const std::string text = fmt::format("{:020}\n", size);
  if (pwrite(size_.descriptor(), text.data(), text.size(), 0) == static_cast<ssize_t>(text.size()))
    size_written_ = size;
}

fs::path RunFolder::make_folder(const std::string& name) const {
  check();
  fs::path path = fs::absolute(folder_ / name);
  std::error_code error;
  fs::create_directories(path, error);
  if (error) {
    throw Failure(Exit::incomplete, path.string() + ": cannot be made (" + error.message() +
                                        "): free space, then continue with --resume");
  }
  return path;
}

void RunFolder::write_file(const std::string& name, const std::string& text) const {
  write_file(name, [&text](const auto& piece) { piece(text); });
}

void RunFolder::write_file(const std::string& name,
                           const std::function<void(const std::function<void(const std::string&)>&)>& write) const {
  check();
  const fs::path final_name = folder_ / name;
  if (fs::path(name).has_parent_path()) static_cast<void>(make_folder(fs::path(name).parent_path().string()));
  const fs::path temporary =
      final_name.parent_path() / ("." + final_name.filename().string() + "." + std::to_string(getpid()));
  const Descriptor file(open(temporary.c_str(), O_WRONLY | O_CREAT | O_TRUNC | O_CLOEXEC, 0644));
  bool written = file.get() >= 0;
  int write_error = errno;
  if (written) {
    write([&](const std::string& piece) {
      written = written && write_whole(file.get(), piece);
      if (!written) write_error = errno;
    });
  }
  if (!written || rename(temporary.c_str(), final_name.c_str()) != 0) {
    const int error = written ? errno : write_error;
    unlink(temporary.c_str());
    throw Failure(Exit::incomplete, final_name.string() + ": cannot be written (" + std::strerror(error) +
                                        "): free space, then continue with --resume");
  }
}

fs::path make_new_folder(const fs::path& parent, const std::string& name) {
  constexpr unsigned kMost = 1000;
  std::error_code error;
  fs::create_directories(parent, error);
  for (unsigned number = 1; !error && number <= kMost; ++number) {
    fs::path folder = parent / (number == 1 ? name : fmt::format("{}-{}", name, number));
    if (fs::create_directory(folder, error)) return folder;
    if (error == std::errc::file_exists) error.clear();
  }
  throw usage_error((parent / name).string() + ": cannot be made (" +
                    (error ? error.message() : "too many folders of this name") + "): choose a folder with --out");
}

}  // namespace racetrack::host
