// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception

#include "Json.h"

#include "Failure.h"

#include <set>

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

} // namespace attune::runtime
