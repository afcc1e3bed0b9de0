#pragma once
#include <string>
#include <string_view>
#include <vector>

namespace mito {

/// The known name closest to `word` by edit distance, or empty when nothing is close.
std::string nearest(std::string_view word, const std::vector<std::string>& known);

/// "; did you mean 'x'?", or empty when nothing is close.
std::string did_you_mean(std::string_view word, const std::vector<std::string>& known);

/// Shortest decimal text that reads back as the same double ("0.25", "1e-05"); canonical.
std::string number_text(double value);

bool is_utf8(std::string_view bytes);

/// `bytes` as text in UTF-8: each byte that belongs to no character, as in a file name of another
/// encoding, is written as \xE9. Names shown to people and written into files are made by this, so
/// that JSON, XML and CSV are always valid; text that is UTF-8 stays as it is.
std::string utf8_text(std::string_view bytes);

/// Text as a cell of a table in Markdown, where `|` and a line break would end it.
std::string markdown_cell(std::string_view text);

/// Text in UTF-8 from Latin-1, where every byte is a character.
std::string utf8_from_latin1(std::string_view bytes);

}  // namespace mito
