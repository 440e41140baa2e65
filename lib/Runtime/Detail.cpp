// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
// Shared pieces: strict JSON, a look at a path before it is opened, resident memory.
// Peak above inputs = VmHWM after the run - VmRSS before it, with the high-water mark reset in
// between by writing 5 to /proc/self/clear_refs (needs no privilege for the own process).

#include "Detail.h"

#include <cstring>
#include <fstream>
#include <set>
#include <sys/resource.h>
#include <sys/stat.h>

namespace attune::runtime {

nlohmann::json parseJson(std::string_view text, const std::string &what) {
  using Event = nlohmann::json::parse_event_t;
  std::vector<std::set<std::string>> keys;
  auto rejectDuplicates = [&](int, Event event, nlohmann::json &value) {
    if (event == Event::object_start)
      keys.emplace_back();
    else if (event == Event::object_end)
      keys.pop_back();
    else if (event == Event::key && !keys.back().insert(value.get<std::string>()).second)
      fail("{} has the key `{}` twice", what, value.get<std::string>());
    return true;
  };
  try {
    return nlohmann::json::parse(text.begin(), text.end(), rejectDuplicates);
  } catch (const nlohmann::json::parse_error &error) {
    fail("{} is no valid JSON (byte {})", what, error.byte);
  } catch (const nlohmann::json::exception &error) {
    fail("{} is no valid JSON ({})", what, error.what());
  }
}

std::optional<int64_t> jsonInteger(const nlohmann::json &value) {
  if (value.is_number_unsigned() && value.get<uint64_t>() > uint64_t(INT64_MAX))
    return std::nullopt;
  if (!value.is_number_integer())
    return std::nullopt;
  return value.get<int64_t>();
}

int64_t regularFileBytes(const std::string &path) {
  struct stat info;
  if (stat(path.c_str(), &info) != 0)
    fail("cannot open `{}`: {}", path, std::strerror(errno));
  if (S_ISDIR(info.st_mode))
    fail("cannot read `{}`: it is a directory, expected a file", path);
  if (!S_ISREG(info.st_mode))
    fail("cannot read `{}`: it is not a regular file", path);
  return info.st_size;
}

/// A "<field> <n> kB" line of /proc/self/status, or -1.
static int64_t statusKiB(const std::string &field) {
  std::ifstream status("/proc/self/status");
  for (std::string line; std::getline(status, line);)
    if (line.compare(0, field.size(), field) == 0)
      return std::strtoll(line.c_str() + field.size(), nullptr, 10);
  return -1;
}

MemoryMeter::MemoryMeter() {
  startKiB = statusKiB("VmRSS:");
  std::ofstream refs("/proc/self/clear_refs");
  refs << "5" << std::flush;
  resettable = refs.good() && startKiB >= 0;
}

double MemoryMeter::peakMiBAboveStart() const {
  int64_t peakKiB = resettable ? statusKiB("VmHWM:") : -1;
  if (peakKiB < 0) {
    struct rusage usage;
    getrusage(RUSAGE_SELF, &usage);
    peakKiB = usage.ru_maxrss;
  }
  return std::max<int64_t>(0, peakKiB - std::max<int64_t>(0, startKiB)) / 1024.0;
}

} // namespace attune::runtime
