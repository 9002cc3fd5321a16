#include "host/run_folder.hpp"

#include <cerrno>
#include <chrono>
#include <cstring>
#include <ctime>
#include <fstream>
#include <system_error>

#include <fcntl.h>
#include <fmt/format.h>
#include <sys/file.h>
#include <sys/stat.h>
#include <unistd.h>

#include "host/exit.hpp"
#include "host/record_line.hpp"

namespace racetrack::host {
namespace {

namespace fs = std::filesystem;

// Holds the size in bytes that records.jsonl had after its last record. Both are only ever appended to, so a smaller file has
// lost records. Python reads and writes it too (reports/racetrack_report/records_file.py).
constexpr const char* kSizeName = "records.size";
constexpr std::uintmax_t kMostBytes = std::uintmax_t{1} << 30U;

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

/// Writes all of `text`, or puts the file back to the length it had and returns false with errno set.
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

/// Has the members that are read here and on --resume, of their types. What has not is left alone, whoever wrote it.
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

RunFolder::RunFolder(fs::path folder, const nlohmann::json& build, const std::string& fingerprint)
    : folder_(std::move(folder)) {
  std::error_code error;
  fs::create_directories(folder_, error);
  if (error) {
    throw usage_error("--out " + folder_.string() + ": cannot be made (" + error.message() +
                      "): choose another folder");
  }
  read_earlier(build, fingerprint);
  const fs::path file = folder_ / "records.jsonl";
  records_ = open(file.c_str(), O_RDWR | O_APPEND | O_CREAT | O_CLOEXEC, 0644);
  if (records_ < 0) {
    throw usage_error(file.string() + ": cannot be written (" + std::strerror(errno) + "): choose another --out");
  }
  // A line that was cut off must not swallow the next one.
  char last = '\n';
  struct stat status {};
  if (fstat(records_, &status) == 0 && status.st_size > 0 && pread(records_, &last, 1, status.st_size - 1) == 1 &&
      last != '\n') {
    write_whole(records_, "\n");
  }
  size_ = open((folder_ / kSizeName).c_str(), O_WRONLY | O_CREAT | O_CLOEXEC, 0644);
}

RunFolder::~RunFolder() {
  for (const int file : {records_, size_}) {
    if (file >= 0) close(file);
  }
}

void RunFolder::read_earlier(const nlohmann::json& build, const std::string& fingerprint) {
  const fs::path file = folder_ / "records.jsonl";
  std::ifstream(folder_ / kSizeName) >> size_written_;  // before the records: another racetrack may append at any time
  std::error_code error;
  if (const fs::file_status status = fs::status(file, error); fs::exists(status)) {
    if (!fs::is_regular_file(status))
      throw usage_error(file.string() + ": is not a regular file: choose another --out");
    const std::uintmax_t size = fs::file_size(file, error);
    if (!error && size > kMostBytes) {
      throw usage_error(fmt::format("{}: has {} bytes, and at most {} are read: choose another --out", file.string(),
                                    size, kMostBytes));
    }
    if (!error && size < size_written_) lost_bytes_ = size_written_ - size;
  } else {
    size_written_ = 0;  // a user has begun again
  }
  std::ifstream input(file);
  std::size_t lines = 0;
  for (std::string line; std::getline(input, line);) {
    if (line.empty()) continue;
    ++lines;
    nlohmann::json record = record_of(line);
    if (!is_record(record)) {
      ++unreadable_lines_;
      continue;
    }
    earlier_.push_back(std::move(record));
  }
  const std::string where = file.string();
  if (lines > 0 && earlier_.empty()) {
    throw usage_error(where + ": holds no racetrack records: choose another --out");
  }
  for (const nlohmann::json& record : earlier_) {
    if (record.value("record", "") != "environment") continue;
    const nlohmann::json& theirs = record["build"];
    for (const char* key : {"commit", "dirty"}) {
      if (theirs.value(key, nlohmann::json()) != build.at(key)) {
        throw usage_error(where + ": is a run of another build (" +
                          theirs.value("commit", nlohmann::json("unknown")).dump() + "): choose another --out");
      }
    }
    if (record["machine"]["fingerprint"] != fingerprint) {
      throw usage_error(where + ": is a run in another environment: choose another --out");
    }
  }
}

void RunFolder::append(const nlohmann::json& record) {
  const std::string line = line_of(record) + "\n";
  const FileLock lock(records_);
  if (!write_whole(records_, line)) {
    throw Failure(Exit::incomplete, (folder_ / "records.jsonl").string() + ": cannot be written (" +
                                        std::strerror(errno) + "): free space, then go on with --resume");
  }
  ++appended_;
  note_size();
}

void RunFolder::accept_loss() {
  const FileLock lock(records_);
  size_written_ = 0;
  note_size();
}

/// Under the file's lock. An error is ignored: the size is a lower bound.
void RunFolder::note_size() {
  struct stat status {};
  if (size_ < 0 || fstat(records_, &status) != 0) return;
  const auto size = static_cast<std::uintmax_t>(status.st_size);
  if (size <= size_written_) return;
  const std::string text = fmt::format("{:020}\n", size);
  if (pwrite(size_, text.data(), text.size(), 0) == static_cast<ssize_t>(text.size())) size_written_ = size;
}

fs::path RunFolder::make_folder(const std::string& name) const {
  fs::path path = fs::absolute(folder_ / name);
  std::error_code error;
  fs::create_directories(path, error);
  if (error) {
    throw Failure(Exit::incomplete,
                  path.string() + ": cannot be made (" + error.message() + "): free space, then go on with --resume");
  }
  return path;
}

void RunFolder::write_file(const std::string& name, const std::string& text) const {
  const fs::path final_name = folder_ / name;
  std::error_code error_of_folder;  // shows again when the file is opened
  fs::create_directories(final_name.parent_path(), error_of_folder);
  const fs::path temporary =
      final_name.parent_path() / ("." + final_name.filename().string() + "." + std::to_string(getpid()));
  const int file = open(temporary.c_str(), O_WRONLY | O_CREAT | O_TRUNC | O_CLOEXEC, 0644);
  const bool written = file >= 0 && write_whole(file, text);
  const int write_error = errno;
  if (file >= 0) close(file);
  if (!written || rename(temporary.c_str(), final_name.c_str()) != 0) {
    const int error = written ? errno : write_error;
    unlink(temporary.c_str());
    throw Failure(Exit::incomplete, final_name.string() + ": cannot be written (" + std::strerror(error) +
                                        "): free space, then go on with --resume");
  }
}

}  // namespace racetrack::host
