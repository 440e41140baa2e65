// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
// Strict JSON.

#ifndef ATTUNE_LIB_RUNTIME_JSON_H
#define ATTUNE_LIB_RUNTIME_JSON_H

#include <nlohmann/json.hpp>

#include <optional>
#include <string_view>

namespace attune::runtime {

/// Parses strictly; throws Error "<what> is no valid JSON ..." or "<what> has the key ... twice".
nlohmann::json parseJson(std::string_view text, const std::string &what);

/// The integer of a JSON value, or none for anything else and for what int64_t cannot hold.
std::optional<int64_t> jsonInteger(const nlohmann::json &value);

} // namespace attune::runtime

#endif // ATTUNE_LIB_RUNTIME_JSON_H
