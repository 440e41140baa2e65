// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
// Writes the C header of a shared object: one prototype for each entry, with the shape and the
// original name of each tensor beside its parameter, and the generic entry points.

#include "attune/Entry/CHeader.h"

#include "CNames.h"
#include "llvm/ADT/STLExtras.h"
#include "llvm/ADT/StringExtras.h"
#include "llvm/Support/FormatVariadic.h"
#include "llvm/Support/Path.h"

namespace attune {

static llvm::StringRef cType(runtime::DType dtype) {
  switch (dtype) {
  case runtime::DType::F32:
    return "float";
  case runtime::DType::F64:
    return "double";
  case runtime::DType::F16:
  case runtime::DType::BF16:
    return "uint16_t";
  case runtime::DType::I64:
    return "int64_t";
  case runtime::DType::I32:
    return "int32_t";
  case runtime::DType::U8:
  case runtime::DType::BOOL:
    return "uint8_t";
  }
  return "void";
}

/// Text that can neither end the comment it stands in nor begin another.
static std::string commentSafe(llvm::StringRef text) {
  std::string safe = text.str();
  for (size_t i = 0; i < safe.size(); ++i) {
    char before = i ? safe[i - 1] : ' ';
    if (safe[i] == '\n' || (safe[i] == '/' && before == '*') || (safe[i] == '*' && before == '/'))
      safe[i] = ' ';
  }
  return safe;
}

/// "x[N, 1433]", and what must hold for its elements.
static std::string describe(const runtime::TensorSpec &value) {
  std::string text = value.name + value.shapeText();
  if (value.dtype == runtime::DType::F16 || value.dtype == runtime::DType::BF16 ||
      value.dtype == runtime::DType::BOOL)
    text += llvm::formatv(", {0}", runtime::dtypeName(value.dtype));
  if (!value.below.empty())
    text += ", each at least 0 and below " + value.below;
  if (!value.offsetsOf.empty())
    text += ", non-decreasing from 0 to " + value.offsetsOf;
  if (!value.pairsOf.empty())
    text += ", one for each pair inside a segment of " + value.pairsOf;
  return commentSafe(text);
}

static std::string summary(const runtime::Entry &entry) {
  auto list = [](const std::vector<runtime::TensorSpec> &values) {
    return llvm::join(llvm::map_range(values,
                                      [](const runtime::TensorSpec &value) {
                                        return commentSafe(value.name + value.shapeText());
                                      }),
                      ", ");
  };
  // The weights of a model are many; they stand beside their parameters only.
  std::vector<runtime::TensorSpec> dynamic;
  llvm::copy_if(entry.args, std::back_inserter(dynamic), [](const runtime::TensorSpec &value) {
    return !llvm::all_of(value.shape, std::mem_fn(&runtime::SizeSum::isConstant));
  });
  std::string text = list(entry.results) + " from " + list(dynamic);
  if (size_t rest = entry.args.size() - dynamic.size())
    text += llvm::formatv("{0}{1} tensor{2} of fixed size", dynamic.empty() ? "" : " and ", rest,
                          rest == 1 ? "" : "s");
  return text;
}

static std::string prototype(const runtime::Entry &entry) {
  std::vector<std::string> names = cParameterNames(entry);
  std::string text = "int32_t " + cFunctionName(entry.name) + "(\n";
  size_t next = 0;
  for (const std::string &size : entry.sizes) {
    text += "    int64_t " + names[next] + ",";
    text += names[next] == size ? "\n" : "  /* " + size + " */\n";
    ++next;
  }
  auto parameter = [&](const runtime::TensorSpec &value, llvm::StringRef prefix) {
    std::string declaration =
        llvm::formatv("    {0}{1} *{2},", prefix, cType(value.dtype), names[next++]);
    text += llvm::formatv("{0,-40}  /* {1} */\n", declaration, describe(value));
  };
  for (const runtime::TensorSpec &value : entry.args)
    parameter(value, "const ");
  for (const runtime::TensorSpec &value : entry.results)
    parameter(value, "");
  return text + "    char *message,\n    int64_t message_capacity);\n";
}

std::string cHeader(const runtime::Signature &signature, llvm::StringRef fileName) {
  std::string guard =
      "ATTUNE_" + llvm::StringRef(cIdentifier(llvm::sys::path::stem(fileName))).upper() + "_H";
  std::string text = llvm::formatv(
      "/* {0}: made by attune-compile {1} for {2}, cpu {3}.\n"
      " *\n"
      " * All buffers are dense and row-major. Arguments are never written, results are written "
      "in\n"
      " * full. Each function returns 0, or 1 where a size or index data is wrong; then `message`\n"
      " * (which may be NULL) holds up to `message_capacity` bytes of text, ending in NUL.\n"
      " * The functions may be called from several threads at once.\n"
      " */\n"
      "#ifndef {4}\n#define {4}\n\n#include <stdint.h>\n\n"
      "#ifdef __cplusplus\nextern \"C\" {{\n#endif\n",
      commentSafe(fileName), signature.version, signature.triple, signature.cpu, guard);
  for (const runtime::Entry &entry : signature.entries) {
    text += llvm::formatv("\n/* {0}: {1}. */\n", commentSafe(entry.name), summary(entry));
    text += prototype(entry);
  }
  text +=
      "\n/* Names, dtypes and shapes of all entries, as JSON. */\n"
      "extern const char attune_manifest[];\n"
      "\n/* The entries with sizes, arguments and results as arrays, in the manifest's order. */\n";
  for (const runtime::Entry &entry : signature.entries)
    text += llvm::formatv("int32_t {0}(const int64_t *sizes, const void *const *arguments,\n"
                          "    void *const *results, char *message, int64_t message_capacity);\n",
                          genericFunctionName(entry.name));
  return text + "\n#ifdef __cplusplus\n}\n#endif\n\n#endif\n";
}

} // namespace attune
