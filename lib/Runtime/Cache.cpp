// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
// An entry is one file: the shared object (the loader does not mind what follows it), the module, a
// record, and a footer with their lengths and a checksum. The record is the key (version, compiler,
// arguments, processor) and then size and time of each file that the compiler consists of, so that
// a compiler that was built again does not meet its old code. A file appears under its name when it
// is complete and never changes afterwards; readers check the open file and load that.

#include "Cache.h"

#include "Failure.h"
#include "Hash.h"

#include <algorithm>
#include <cstdlib>
#include <cstring>
#include <fcntl.h>
#include <filesystem>
#include <fstream>
#include <set>
#include <sys/stat.h>
#include <unistd.h>

namespace attune::runtime {

namespace fs = std::filesystem;

namespace {
struct Footer {
  char magic[16];
  uint64_t objectBytes, moduleBytes, recordBytes;
  uint64_t checksum[2]; // of all before it
};
} // namespace

static constexpr char magic[16] = "attune cache 1\n";
static constexpr const char *entryEnding = ".so";
static constexpr const char *temporaryStart = "new-";

static std::string environment(const char *name) {
  const char *value = std::getenv(name);
  return value ? value : "";
}

/// Empty: there is none.
static std::string cacheFolder() {
  if (std::string folder = environment("ATTUNE_CACHE_DIR"); !folder.empty())
    return folder;
  // A relative name is to be ignored, says the XDG base directory specification.
  if (std::string folder = environment("XDG_CACHE_HOME"); !folder.empty() && folder[0] == '/')
    return folder + "/attune";
  std::string home = environment("HOME");
  return home.empty() ? "" : home + "/.cache/attune";
}

/// The bytes that the cache may take.
static uint64_t capacityBytes() {
  std::string text = environment("ATTUNE_CACHE_MIB");
  char *end = nullptr;
  uint64_t mib = std::strtoull(text.c_str(), &end, 10);
  return (text.empty() || *end ? 1024 : mib) << 20;
}

/// What tells processors apart for which `native` means different code; empty if that is unknown.
static std::string processor() {
  static const std::set<std::string> fields = {"vendor_id",       "cpu family",       "model",
                                               "model name",      "stepping",         "flags",
                                               "CPU implementer", "CPU architecture", "CPU variant",
                                               "CPU part",        "CPU revision",     "Features"};
  std::string text;
  std::ifstream file("/proc/cpuinfo");
  for (std::string line; std::getline(file, line) && !line.empty();) {
    std::string name = line.substr(0, line.find(':'));
    name.erase(name.find_last_not_of(" \t") + 1);
    if (fields.count(name))
      text += line + "\n";
  }
  return text;
}

static std::optional<std::string> readFile(const std::string &path) {
  std::ifstream file(path, std::ios::binary);
  std::string bytes((std::istreambuf_iterator<char>(file)), std::istreambuf_iterator<char>());
  if (!file.is_open() || file.bad())
    return std::nullopt;
  return bytes;
}

static std::optional<std::string> readAll(int descriptor, size_t bytes) {
  std::string contents(bytes, '\0');
  for (size_t done = 0; done < bytes;) {
    ssize_t count = pread(descriptor, contents.data() + done, bytes - done, off_t(done));
    if (count < 0 && errno == EINTR)
      continue;
    if (count <= 0)
      return std::nullopt;
    done += size_t(count);
  }
  return contents;
}

static bool writeAll(int descriptor, std::string_view bytes) {
  while (!bytes.empty()) {
    ssize_t count = write(descriptor, bytes.data(), bytes.size());
    if (count < 0 && errno == EINTR)
      continue;
    if (count <= 0)
      return false;
    bytes.remove_prefix(size_t(count));
  }
  return true;
}

/// One line of a record, or none where there is no such file.
static std::optional<std::string> describeFile(const std::string &path) {
  struct stat info;
  if (stat(path.c_str(), &info) != 0)
    return std::nullopt;
  return fmt::format("{} {}.{:09} {}\n", info.st_size, info.st_mtim.tv_sec, info.st_mtim.tv_nsec,
                     path);
}

/// Whether each line of the record still describes its file.
static bool filesAreUnchanged(std::string_view record) {
  while (!record.empty()) {
    std::string_view line = record.substr(0, record.find('\n') + 1);
    size_t space = line.find(' ');
    space = space == line.npos ? space : line.find(' ', space + 1);
    if (space == line.npos || line.back() != '\n')
      return false;
    std::string path(line.substr(space + 1, line.size() - space - 2));
    if (describeFile(path) != std::string(line))
      return false;
    record.remove_prefix(line.size());
  }
  return true;
}

/// Removes what was not used for longest, until the rest fits.
static void trim(const std::string &folder) {
  struct File {
    fs::file_time_type time;
    uint64_t bytes;
    fs::path path;
    bool operator<(const File &other) const { return time < other.time; }
  };
  std::vector<File> files;
  uint64_t total = 0;
  std::error_code error;
  fs::file_time_type lately = fs::file_time_type::clock::now() - std::chrono::hours(1);
  for (fs::directory_iterator it(folder, error), end; !error && it != end; it.increment(error)) {
    fs::path path = it->path();
    bool isTemporary = path.filename().string().rfind(temporaryStart, 0) == 0;
    std::error_code gone;
    File file{fs::last_write_time(path, gone), 0, path};
    if (!gone)
      file.bytes = fs::file_size(path, gone);
    if (gone || (!isTemporary && path.extension() != entryEnding) ||
        (isTemporary && file.time > lately))
      continue;
    total += file.bytes;
    files.push_back(std::move(file));
  }
  std::sort(files.begin(), files.end());
  for (size_t i = 0; i < files.size() && total > capacityBytes(); ++i) {
    fs::remove(files[i].path, error);
    total -= files[i].bytes;
  }
}

CachedObject::~CachedObject() {
  if (descriptor >= 0)
    close(descriptor);
}

std::optional<CompileCache> CompileCache::open(const RunOptions &options,
                                               const std::string &compiler,
                                               const std::vector<std::string> &settings) {
  CompileCache cache;
  cache.folder = cacheFolder();
  std::string cpu = processor();
  if (options.noCache || environment("ATTUNE_CACHE") == "off" || cache.folder.empty() ||
      cpu.empty())
    return std::nullopt;
  cache.input = options.input;
  std::optional<std::string> module = readFile(options.input);
  if (!module)
    return std::nullopt;
  cache.module = std::move(*module);
  cache.key = fmt::format("version {}\ncompiler {}\n", versionText, compiler);
  for (const std::string &setting : settings)
    cache.key += "argument " + setting + "\n";
  cache.key += cpu + "\n";
  return cache;
}

std::string CompileCache::entryPath() const {
  Hash128 hash;
  hash.add(key);
  hash.add(module);
  return folder + "/" + hash.text() + entryEnding;
}

std::optional<CachedObject> CompileCache::find() const {
  int descriptor = ::open(entryPath().c_str(), O_RDONLY | O_CLOEXEC);
  if (descriptor < 0)
    return std::nullopt;
  CachedObject object(descriptor);
  // What someone else could have written is not run.
  struct stat info;
  if (fstat(descriptor, &info) != 0 || !S_ISREG(info.st_mode) ||
      (info.st_uid != geteuid() && info.st_uid != 0) || (info.st_mode & S_IWOTH))
    return std::nullopt;
  std::optional<std::string> contents = readAll(descriptor, size_t(info.st_size));
  Footer footer;
  if (!contents || contents->size() < sizeof footer)
    return std::nullopt;
  std::string_view rest = *contents;
  std::memcpy(&footer, rest.data() + rest.size() - sizeof footer, sizeof footer);
  Hash128 hash;
  hash.add(rest.substr(0, rest.size() - sizeof footer.checksum));
  rest.remove_suffix(sizeof footer);
  if (std::memcmp(footer.magic, magic, sizeof magic) != 0 || footer.checksum[0] != hash.high ||
      footer.checksum[1] != hash.low ||
      footer.objectBytes + footer.moduleBytes + footer.recordBytes != rest.size())
    return std::nullopt;
  rest.remove_prefix(footer.objectBytes);
  std::string_view record = rest.substr(footer.moduleBytes);
  if (rest.substr(0, footer.moduleBytes) != module || record.substr(0, key.size()) != key ||
      !filesAreUnchanged(record.substr(key.size())))
    return std::nullopt;
  futimens(descriptor, nullptr); // used lately; a folder that is read-only has no such order
  return object;
}

void CompileCache::store(const std::string &object, const std::string &compilerFiles,
                         const timespec &start) const {
  std::optional<std::string> contents = readFile(object);
  std::ifstream list(compilerFiles);
  std::string record = key;
  bool any = false;
  for (std::string path; std::getline(list, path); any = true) {
    std::optional<std::string> line = describeFile(path);
    struct stat info;
    if (!line || stat(path.c_str(), &info) != 0 || info.st_mtim.tv_sec >= start.tv_sec)
      return;
    record += *line;
  }
  if (!any || !contents || readFile(input) != module)
    return;

  Footer footer;
  std::memcpy(footer.magic, magic, sizeof magic);
  footer.objectBytes = contents->size();
  footer.moduleBytes = module.size();
  footer.recordBytes = record.size();
  *contents += module + record;
  contents->append(reinterpret_cast<const char *>(&footer), offsetof(Footer, checksum));
  Hash128 hash;
  hash.add(*contents);
  footer.checksum[0] = hash.high;
  footer.checksum[1] = hash.low;
  contents->append(reinterpret_cast<const char *>(footer.checksum), sizeof footer.checksum);

  std::error_code error;
  if (fs::create_directories(folder, error))
    fs::permissions(folder, fs::perms::owner_all, error);
  std::string temporary = folder + "/" + temporaryStart + "XXXXXX";
  int descriptor = mkstemp(temporary.data());
  if (descriptor < 0)
    return;
  bool complete = writeAll(descriptor, *contents);
  complete &= close(descriptor) == 0;
  if (!complete || rename(temporary.c_str(), entryPath().c_str()) != 0)
    unlink(temporary.c_str());
  trim(folder);
}

} // namespace attune::runtime
