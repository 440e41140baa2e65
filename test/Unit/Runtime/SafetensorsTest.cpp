// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
// The strict reader on one file per rule, on a good file cut at every length and with every byte of
// its header changed; and the writer, which leaves nothing behind when it fails.

#include "attune/Runtime/Safetensors.h"
#include "attune/Runtime/Error.h"

#include <gtest/gtest.h>

#include <cstring>
#include <filesystem>
#include <fstream>
#include <sys/stat.h>
#include <unistd.h>

using namespace attune::runtime;

namespace {
class SafetensorsTest : public testing::Test {
protected:
  SafetensorsTest() {
    std::string name = testing::TempDir() + "/attune-safetensors-XXXXXX";
    folder = mkdtemp(name.data());
    path = folder + "/t.safetensors";
  }
  ~SafetensorsTest() override { std::filesystem::remove_all(folder); }

  void writeBytes(const std::string &bytes) { std::ofstream(path, std::ios::binary) << bytes; }

  void writeFile(const std::string &header, size_t dataBytes) {
    uint64_t length = header.size();
    std::string bytes(8, '\0');
    std::memcpy(bytes.data(), &length, 8);
    writeBytes(bytes + header + std::string(dataBytes, '\1'));
  }

  std::string errorOf(const std::string &file) {
    try {
      SafetensorsFile::open(file);
    } catch (const Error &error) {
      EXPECT_EQ(error.exitCode(), exitWrongInput);
      return error.what();
    }
    return "";
  }

  /// The file must be refused with a message that has the part.
  void expectRefused(const std::string &header, size_t dataBytes, const std::string &part) {
    writeFile(header, dataBytes);
    std::string message = errorOf(path);
    EXPECT_NE(message.find(part), std::string::npos) << header << "\n" << message;
    EXPECT_NE(message.find(path), std::string::npos) << message;
  }

  std::string readBytes() {
    std::ifstream file(path, std::ios::binary);
    return {std::istreambuf_iterator<char>(file), {}};
  }

  std::string folder, path;
};
} // namespace

TEST_F(SafetensorsTest, ReadsWhatItWrites) {
  Tensor a = Tensor::allocate(DType::F32, {2, 3}), b = Tensor::allocate(DType::I64, {0, 4});
  Tensor c = Tensor::allocate(DType::BF16, {});
  for (int64_t i = 0; i < 6; ++i)
    a.set(i, 0.5 * double(i));
  c.set(0, -3);
  writeSafetensors(path, {{"a", a}, {"empty", b}, {"c", c}}, {{"note", "text"}});
  SafetensorsFile file = SafetensorsFile::open(path);
  ASSERT_EQ(file.tensors().size(), 3u);
  EXPECT_EQ(file.metadata().at("note"), "text");
  EXPECT_EQ(file.find("a")->shape(), (Shape{2, 3}));
  EXPECT_EQ(file.find("a")->toDouble(5), 2.5);
  EXPECT_EQ(reinterpret_cast<uintptr_t>(file.find("a")->data()) % 64, 0u);
  EXPECT_EQ(file.find("empty")->shape(), (Shape{0, 4}));
  EXPECT_EQ(file.find("c")->toDouble(0), -3);
  EXPECT_EQ(file.find("d"), nullptr);
}

TEST_F(SafetensorsTest, AcceptsTheEmptyFile) {
  writeFile("{}", 0);
  EXPECT_EQ(errorOf(path), "");
  writeFile("{\"__metadata__\":{}}   ", 0);
  EXPECT_EQ(errorOf(path), "");
}

TEST_F(SafetensorsTest, RefusesPaths) {
  EXPECT_NE(errorOf(folder + "/none").find("No such file"), std::string::npos);
  EXPECT_NE(errorOf(folder).find("it is a directory"), std::string::npos);
  ASSERT_EQ(mkfifo(path.c_str(), 0600), 0);
  EXPECT_NE(errorOf(path).find("not a regular file"), std::string::npos);
}

TEST_F(SafetensorsTest, RefusesHeaders) {
  writeBytes("");
  EXPECT_NE(errorOf(path).find("truncated: 0 bytes"), std::string::npos);
  writeBytes(std::string(8, '\xff'));
  EXPECT_NE(errorOf(path).find("header length 18446744073709551615, limit 100000000"),
            std::string::npos);
  writeBytes(std::string("\x10\0\0\0\0\0\0\0{}", 10));
  EXPECT_NE(errorOf(path).find("header length 16, but 2 bytes follow"), std::string::npos);
  expectRefused("", 0, "does not start with");
  expectRefused(" {}", 0, "does not start with");
  expectRefused("{\"a\":", 0, "is no valid JSON (byte");
  expectRefused("{} x", 0, "is no valid JSON (byte");
  expectRefused("{\"\xff\":1}", 0, "is no valid JSON");
  expectRefused(std::string(100000, '{'), 0, "is no valid JSON");
  expectRefused("{\"a\":1,\"a\":1}", 0, "has the key `a` twice");
  expectRefused("{\"__metadata__\":[]}", 0, "__metadata__ is no object");
  expectRefused("{\"__metadata__\":{\"k\":1}}", 0, "__metadata__ entry `k` is no string");
}

TEST_F(SafetensorsTest, RefusesEntries) {
  auto entry = [](const std::string &dtype, const std::string &shape, const std::string &range) {
    return "{\"a\":{\"dtype\":" + dtype + ",\"shape\":" + shape + ",\"data_offsets\":" + range +
           "}}";
  };
  expectRefused("{\"a\":[]}", 0, "tensor `a`: expected an object");
  expectRefused("{\"a\":{}}", 0, "tensor `a`: no dtype");
  expectRefused("{\"a\":{\"dtype\":\"F32\"}}", 0, "tensor `a`: no shape");
  expectRefused("{\"a\":{\"dtype\":\"F32\",\"shape\":[]}}", 4, "tensor `a`: no data_offsets");
  expectRefused("{\"a\":{\"dtype\":\"F32\",\"dtype\":\"F64\"}}", 0, "has the key `dtype` twice");
  expectRefused("{\"a\":{\"color\":1}}", 0, "tensor `a`: unknown key `color`");
  expectRefused(entry("\"F8\"", "[1]", "[0,1]"), 1, "unknown dtype `F8`, expected F32, F64");
  expectRefused(entry("4", "[1]", "[0,4]"), 4, "no dtype");
  expectRefused(entry("\"F32\"", "[-1]", "[0,4]"), 4, "shape [-1] has an entry that is no size");
  expectRefused(entry("\"F32\"", "[1.5]", "[0,4]"), 4, "shape [1.5] has an entry that is no size");
  expectRefused(entry("\"F32\"", "[18446744073709551615]", "[0,4]"), 4, "entry that is no size");
  expectRefused(entry("\"F32\"", "[99999999999999999999]", "[0,4]"), 4, "entry that is no size");
  expectRefused(entry("\"F32\"", "[4294967296,4294967296]", "[0,4]"), 4, "is too large");
  expectRefused(entry("\"F64\"", "[2305843009213693952]", "[0,0]"), 0, "is too large");
  expectRefused(entry("\"F32\"", "{}", "[0,4]"), 4, "no shape");
  expectRefused(entry("\"F32\"", "[1]", "[0]"), 4, "no data_offsets");
  expectRefused(entry("\"F32\"", "[1]", "[-4,0]"), 4, "no data_offsets");
  expectRefused(entry("\"F32\"", "[1]", "[\"0\",4]"), 4, "no data_offsets");
  expectRefused(entry("\"F32\"", "[1]", "[8,4]"), 8, "begin after their end");
  expectRefused(entry("\"F32\"", "[2]", "[0,4]"), 4, "hold 4 bytes, expected 8 for F32 [2]");
  expectRefused(entry("\"F32\"", "[1]", "[0,4]"), 3, "go past the 3 bytes of data");
  expectRefused(entry("\"F32\"", "[1]", "[0,4]"), 5, "has 5 bytes of data, expected 4");
  expectRefused(entry("\"F32\"", "[1]", "[4,8]"), 8,
                "begins at 4, which leaves a hole, expected 0");
  std::string overlap = "{\"a\":{\"dtype\":\"F32\",\"shape\":[1],\"data_offsets\":[0,4]},"
                        "\"b\":{\"dtype\":\"F32\",\"shape\":[1],\"data_offsets\":[2,6]}}";
  expectRefused(overlap, 6, "tensor `b` begins at 2, which overlaps");
}

TEST_F(SafetensorsTest, RefusesEveryPrefixAndSurvivesEveryByte) {
  Tensor a = Tensor::allocate(DType::F32, {3}), b = Tensor::allocate(DType::U8, {5});
  std::memset(a.mutableData(), 0, a.bytes());
  std::memset(b.mutableData(), 0, b.bytes());
  writeSafetensors(path, {{"a", a}, {"b", b}});
  std::string good = readBytes();
  for (size_t length = 0; length < good.size(); ++length) {
    writeBytes(good.substr(0, length));
    EXPECT_NE(errorOf(path), "") << "cut to " << length << " bytes";
  }
  for (size_t i = 0; i < good.size() - 17; ++i)
    for (char byte : {'\0', '\xff', '0', '9', '"', '{', ']', ','}) {
      std::string changed = good;
      changed[i] = byte;
      writeBytes(changed);
      errorOf(path); // an error or, where the file still makes sense, none
    }
}

TEST_F(SafetensorsTest, WriterLeavesNothingBehind) {
  Tensor a = Tensor::allocate(DType::U8, {1});
  a.set(0, 7);
  EXPECT_THROW(writeSafetensors(path, {{"a", a}, {"a", a}}), Error);
  EXPECT_THROW(writeSafetensors(folder, {{"a", a}}), Error);
  EXPECT_THROW(writeSafetensors(folder + "/none/t", {{"a", a}}), Error);
  EXPECT_THROW(writeSafetensors("/dev/full", {{"a", a}}), Error);
  EXPECT_TRUE(std::filesystem::is_empty(folder));
  EXPECT_TRUE(std::filesystem::is_character_file("/dev/full"));
  writeSafetensors(path, {{"a", a}});
  writeSafetensors(path, {{"a", a}});
  EXPECT_EQ(std::distance(std::filesystem::directory_iterator(folder), {}), 1);
}
