// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
// Names for C. Tensors are called like "convs.0.Wq.weight" and functions may be called `main`; a
// name of the C library must not be exported, for the compiled code calls that library itself.

#include "CNames.h"

#include "llvm/ADT/STLExtras.h"
#include "llvm/ADT/StringExtras.h"
#include "llvm/ADT/StringMap.h"
#include "llvm/ADT/StringSet.h"
#include "llvm/Analysis/TargetLibraryInfo.h"
#include "llvm/TargetParser/Host.h"
#include "llvm/TargetParser/Triple.h"

namespace attune {

static bool isKeyword(llvm::StringRef text) {
  static const char *const keywords[] = {
      "alignas", "alignof",   "and",      "asm",      "auto",      "bool",     "break",    "case",
      "catch",   "char",      "class",    "const",    "constexpr", "continue", "default",  "delete",
      "do",      "double",    "else",     "enum",     "explicit",  "export",   "extern",   "false",
      "float",   "for",       "friend",   "goto",     "if",        "inline",   "int",      "long",
      "mutable", "namespace", "new",      "noexcept", "not",       "nullptr",  "operator", "or",
      "private", "protected", "public",   "register", "requires",  "restrict", "return",   "short",
      "signed",  "sizeof",    "static",   "struct",   "switch",    "template", "this",     "throw",
      "true",    "try",       "typedef",  "typeof",   "typename",  "union",    "unsigned", "using",
      "virtual", "void",      "volatile", "while",    "xor"};
  return llvm::is_contained(keywords, text);
}

std::string cIdentifier(llvm::StringRef text) {
  std::string name;
  for (char c : text)
    name += llvm::isAlnum(c) ? c : '_';
  if (name.empty() || llvm::isDigit(name[0]))
    name = "_" + name;
  return isKeyword(name) ? name + "_" : name;
}

std::string cFunctionName(llvm::StringRef entry) {
  std::string name = cIdentifier(entry);
  llvm::TargetLibraryInfoImpl library{llvm::Triple(llvm::sys::getDefaultTargetTriple())};
  llvm::LibFunc function;
  if (name == "main" || name == "_init" || name == "_fini" || library.getLibFunc(name, function))
    return "attune_" + name;
  return name;
}

std::string genericFunctionName(llvm::StringRef entry) {
  std::string name = "attune_call_";
  for (char c : entry)
    name += llvm::isAlnum(c) ? c : '_';
  return name;
}

std::vector<std::string> cParameterNames(const runtime::Entry &entry) {
  llvm::StringSet<> taken{"message", "message_capacity"};
  std::vector<std::string> names;
  auto add = [&](llvm::StringRef text) {
    std::string name = cIdentifier(text);
    while (!taken.insert(name).second)
      name += "_";
    names.push_back(name);
  };
  for (const std::string &size : entry.sizes)
    add(size);
  for (const std::vector<runtime::TensorSpec> *values : {&entry.args, &entry.results})
    for (const runtime::TensorSpec &value : *values)
      add(value.name);
  return names;
}

std::optional<NameClash> findNameClash(const runtime::Signature &signature) {
  llvm::StringMap<std::string> owners;
  owners["attune_manifest"] = "";
  for (const runtime::Entry &entry : signature.entries)
    for (const std::string &name : {cFunctionName(entry.name), genericFunctionName(entry.name)}) {
      auto [owner, isNew] = owners.try_emplace(name, entry.name);
      if (isNew)
        continue;
      const std::string &first = owner->second;
      if (first.empty())
        return NameClash{"", entry.name,
                         "entry `" + entry.name + "` is `" + name +
                             "` in C, which is the name of the manifest"};
      return NameClash{first, entry.name,
                       "entries `" + first + "` and `" + entry.name + "` are both `" + name +
                           "` in C"};
    }
  return std::nullopt;
}

} // namespace attune
