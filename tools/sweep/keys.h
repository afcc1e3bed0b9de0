#pragma once
#include <string>
#include <string_view>
#include <vector>

// What the readers of a sweep file's keys check alike.
namespace mito::sweep {

/// Of ASCII.
bool is_letter_or_digit(char c);

/// May it name a metric or a figure: letters, digits, '_' and '-', a letter or digit first?
bool is_word(std::string_view text);

/// Behind a name that is not `known`: "; did you mean 'labels'?", else which there are.
std::string hint(std::string_view word, const std::vector<std::string>& known);

/// Does `file` lie in the folder of a run?
bool is_in_run(const std::string& file);

}  // namespace mito::sweep
