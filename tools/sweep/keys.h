#pragma once
#include <string>
#include <string_view>
#include <vector>

#include "engine/config/value.h"
#include "engine/core/error.h"

// What the readers of a sweep file's keys check alike.
namespace mito::sweep {

/// Reports every key of `map` that is not among `known`, with the nearest that is.
void check_keys(const config::Value& map,
                const std::vector<std::string>& known,
                std::string_view owner,
                Diagnostics& out);

/// Of ASCII.
bool is_letter_or_digit(char c);

/// May it name a metric or a figure: letters, digits, '_' and '-', a letter or digit first?
bool is_word(std::string_view text);

/// Does `file` lie in the folder of a run?
bool is_in_run(const std::string& file);

}  // namespace mito::sweep
