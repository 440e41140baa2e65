// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
// Safetensors files. The reader maps the file and trusts nothing: header length, JSON, every dtype,
// shape and range are checked before a tensor is handed out, and the ranges must tile the data
// exactly (sorted by begin, each starts where the last one ended, the last ends with the file).

#include "attune/Runtime/Safetensors.h"

#include "Failure.h"
#include "Files.h"
#include "Json.h"

#include <algorithm>
#include <cstring>
#include <fcntl.h>
#include <sys/mman.h>
#include <sys/stat.h>
#include <unistd.h>

namespace attune::runtime {

static constexpr uint64_t headerLimit = 100'000'000; // of the format

namespace {
struct Range {
  int64_t begin, end;
  size_t entry;
};
} // namespace

static std::shared_ptr<const void> mapFile(const std::string &path, int64_t bytes) {
  int file = ::open(path.c_str(), O_RDONLY | O_CLOEXEC);
  if (file < 0)
    fail("cannot open `{}`: {}", path, std::strerror(errno));
  void *memory = mmap(nullptr, bytes, PROT_READ, MAP_PRIVATE, file, 0);
  ::close(file);
  if (memory == MAP_FAILED)
    fail("cannot map `{}`: {}", path, std::strerror(errno));
  return {memory, [bytes](const void *start) { munmap(const_cast<void *>(start), bytes); }};
}

/// One header entry without its data; `where` names file and tensor for errors.
static Tensor parseEntry(const nlohmann::json &entry, const std::string &where, Range &range) {
  if (!entry.is_object())
    fail("{}: expected an object with dtype, shape and data_offsets", where);
  for (const auto &[key, value] : entry.items())
    if (key != "dtype" && key != "shape" && key != "data_offsets")
      fail("{}: unknown key `{}`, expected dtype, shape and data_offsets", where, key);
  if (!entry.contains("dtype") || !entry["dtype"].is_string())
    fail("{}: no dtype", where);
  std::string name = entry["dtype"];
  std::optional<DType> dtype = parseDType(name);
  if (!dtype)
    fail("{}: unknown dtype `{}`, expected F32, F64, F16, BF16, I64, I32, U8 or BOOL", where, name);

  if (!entry.contains("shape") || !entry["shape"].is_array())
    fail("{}: no shape", where);
  Shape shape;
  for (const nlohmann::json &dim : entry["shape"]) {
    std::optional<int64_t> value = jsonInteger(dim);
    if (!value || *value < 0)
      fail("{}: shape {} has an entry that is no size, expected integers from 0", where,
           entry["shape"].dump());
    shape.push_back(*value);
  }
  std::optional<int64_t> bytes = byteCount(*dtype, shape);
  if (!bytes)
    fail("{}: shape {} is too large", where, shapeText(shape));

  const nlohmann::json offsets = entry.value("data_offsets", nlohmann::json());
  std::optional<int64_t> begin, end;
  if (offsets.is_array() && offsets.size() == 2) {
    begin = jsonInteger(offsets[0]);
    end = jsonInteger(offsets[1]);
  }
  if (!begin || !end || *begin < 0 || *end < 0)
    fail("{}: no data_offsets, expected [begin, end]", where);
  if (*begin > *end)
    fail("{}: data_offsets [{}, {}] begin after their end", where, *begin, *end);
  if (*end - *begin != *bytes)
    fail("{}: data_offsets [{}, {}] hold {} bytes, expected {} for {} {}", where, *begin, *end,
         *end - *begin, *bytes, name, shapeText(shape));
  range.begin = *begin;
  range.end = *end;
  return Tensor::view(*dtype, std::move(shape), nullptr, nullptr);
}

SafetensorsFile SafetensorsFile::open(const std::string &path) {
  int64_t fileBytes = regularFileBytes(path);
  if (fileBytes < 8)
    fail("`{}` is truncated: {} bytes, expected at least the 8 of the header length", path,
         fileBytes);
  std::shared_ptr<const void> mapping = mapFile(path, fileBytes);
  const char *bytes = static_cast<const char *>(mapping.get());
  uint64_t headerBytes;
  std::memcpy(&headerBytes, bytes, 8);
  if (headerBytes > headerLimit)
    fail("`{}` is no safetensors file: header length {}, limit {}", path, headerBytes, headerLimit);
  if (headerBytes > uint64_t(fileBytes) - 8)
    fail("`{}` is truncated: header length {}, but {} bytes follow", path, headerBytes,
         fileBytes - 8);
  std::string_view text(bytes + 8, headerBytes);
  if (text.empty() || text.front() != '{')
    fail("`{}` is no safetensors file: the header does not start with `{{`", path);
  nlohmann::json header = parseJson(text, fmt::format("header of `{}`", path));

  SafetensorsFile file;
  file.name = path;
  const char *data = bytes + 8 + headerBytes;
  int64_t dataBytes = fileBytes - 8 - int64_t(headerBytes);
  std::vector<Range> ranges;
  for (const auto &[key, entry] : header.items()) {
    if (key == "__metadata__") {
      if (!entry.is_object())
        fail("`{}`: __metadata__ is no object", path);
      for (const auto &[note, value] : entry.items()) {
        if (!value.is_string())
          fail("`{}`: __metadata__ entry `{}` is no string", path, note);
        file.notes[note] = value;
      }
      continue;
    }
    std::string where = fmt::format("`{}`: tensor `{}`", path, key);
    Range range{0, 0, file.entries.size()};
    Tensor shaped = parseEntry(entry, where, range);
    if (range.end > dataBytes)
      fail("{}: data_offsets [{}, {}] go past the {} bytes of data (truncated file?)", where,
           range.begin, range.end, dataBytes);
    file.index[key] = file.entries.size();
    file.entries.push_back(
        {key, Tensor::view(shaped.dtype(), shaped.shape(), data + range.begin, mapping)});
    ranges.push_back(range);
  }

  std::sort(ranges.begin(), ranges.end(), [](const Range &a, const Range &b) {
    return std::pair(a.begin, a.end) < std::pair(b.begin, b.end);
  });
  int64_t covered = 0;
  for (const Range &range : ranges) {
    if (range.begin != covered)
      fail("`{}`: tensor `{}` begins at {}, which {}, expected {}", path,
           file.entries[range.entry].name, range.begin,
           range.begin < covered ? "overlaps the tensor before it" : "leaves a hole", covered);
    covered = range.end;
  }
  if (covered != dataBytes)
    fail("`{}` has {} bytes of data, expected {} by its header", path, dataBytes, covered);
  return file;
}

const Tensor *SafetensorsFile::find(const std::string &tensor) const {
  std::map<std::string, size_t>::const_iterator found = index.find(tensor);
  return found == index.end() ? nullptr : &entries[found->second].tensor;
}

static void writeAll(int file, const void *data, int64_t bytes, const std::string &path) {
  const char *next = static_cast<const char *>(data);
  while (bytes > 0) {
    // The kernel takes at most 2 GiB - 4 KiB in one call.
    ssize_t written = ::write(file, next, std::min<int64_t>(bytes, 1 << 30));
    if (written < 0 && errno == EINTR)
      continue;
    if (written < 0)
      fail("cannot write `{}`: {}", path, std::strerror(errno));
    next += written;
    bytes -= written;
  }
}

static std::string makeHeader(const std::vector<NamedTensor> &tensors,
                              const std::map<std::string, std::string> &metadata) {
  nlohmann::json header = nlohmann::json::object();
  if (!metadata.empty())
    header["__metadata__"] = metadata;
  int64_t offset = 0;
  for (const NamedTensor &named : tensors) {
    if (header.contains(named.name) || named.name == "__metadata__")
      fail("cannot write two tensors with the name `{}`", named.name);
    int64_t end = offset + named.tensor.bytes();
    header[named.name] = {{"dtype", dtypeName(named.tensor.dtype())},
                          {"shape", named.tensor.shape()},
                          {"data_offsets", {offset, end}}};
    offset = end;
  }
  std::string text = header.dump(-1, ' ', false, nlohmann::json::error_handler_t::replace);
  text.resize((text.size() + 8 + 63) / 64 * 64 - 8, ' ');
  return text;
}

void writeSafetensors(const std::string &path, const std::vector<NamedTensor> &tensors,
                      const std::map<std::string, std::string> &metadata) {
  std::string header = makeHeader(tensors, metadata);
  uint64_t headerBytes = header.size();
  // A device or pipe is written in place: a rename would replace it by a file.
  struct stat info;
  bool exists = stat(path.c_str(), &info) == 0;
  if (exists && S_ISDIR(info.st_mode))
    fail("cannot write `{}`: it is a directory", path);
  bool inPlace = exists && !S_ISREG(info.st_mode);
  std::string target = inPlace ? path : fmt::format("{}.{}.tmp", path, getpid());
  int file = ::open(target.c_str(), O_WRONLY | O_CLOEXEC | (inPlace ? 0 : O_CREAT | O_TRUNC), 0666);
  if (file < 0)
    fail("cannot write `{}`: {}", path, std::strerror(errno));
  try {
    writeAll(file, &headerBytes, 8, path);
    writeAll(file, header.data(), header.size(), path);
    for (const NamedTensor &named : tensors)
      writeAll(file, named.tensor.data(), named.tensor.bytes(), path);
    int closed = ::close(file);
    file = -1;
    if (closed != 0 || (!inPlace && std::rename(target.c_str(), path.c_str()) != 0))
      fail("cannot write `{}`: {}", path, std::strerror(errno));
  } catch (...) {
    if (file >= 0)
      ::close(file);
    if (!inPlace)
      unlink(target.c_str());
    throw;
  }
}

} // namespace attune::runtime
