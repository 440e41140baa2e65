// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
// The options of a model, read from `--key=value` text against the model's table.
#ifndef ATTUNE_MODELS_OPTIONS_H
#define ATTUNE_MODELS_OPTIONS_H

#include "llvm/ADT/ArrayRef.h"
#include "llvm/ADT/SmallVector.h"
#include "llvm/ADT/StringMap.h"
#include "llvm/ADT/StringRef.h"

#include <optional>
#include <string>

namespace attune::models {

struct Model;

/// The values that an option takes. `Share` is a number from 0 to 1; `Weight` is -1 (off) or a
/// number above 0 and up to 1; `Number` is at least 0; `Image` is a height and width; `Depths` is
/// the word "size" or four numbers of layers.
enum class OptionKind { Count, Layers, Share, Weight, Number, Flag, Choice, Image, Depths };

/// One row of a model's table of options; parsing and help read nothing else.
struct Option {
  llvm::StringLiteral key;
  OptionKind kind;
  /// As one would write it on the command line; empty where the option has to be given.
  llvm::StringLiteral fallback;
  llvm::StringLiteral meaning;
  /// The accepted words of a `Choice`, with `|` in between.
  llvm::StringLiteral choices = "";
};

/// A value for every row of a model's table.
class Options {
public:
  /// Reads arguments of the form `--key=value`. Returns nothing and sets `error` to one line where
  /// a key is unknown, doubled or missing, or a value is not accepted.
  static std::optional<Options> parse(const Model &model, llvm::ArrayRef<llvm::StringRef> arguments,
                                      std::string &error);

  int64_t count(llvm::StringRef key) const;
  double number(llvm::StringRef key) const;
  bool flag(llvm::StringRef key) const { return text(key) == "true"; }
  llvm::StringRef text(llvm::StringRef key) const;
  /// The whole numbers of an `Image` (height, width) or of `Depths`; none for the word "size".
  llvm::SmallVector<int64_t> counts(llvm::StringRef key) const;

private:
  llvm::StringMap<std::string> values;
};

/// What a value must look like, for example "true or false".
std::string describeValues(const Option &option);

} // namespace attune::models

#endif
