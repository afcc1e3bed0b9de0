#include "engine/core/csv_table.h"

#include <algorithm>
#include <array>
#include <cctype>
#include <charconv>
#include <cmath>
#include <iterator>
#include <set>
#include <utility>

#include "engine/core/text.h"
#include "engine/core/text_file.h"

namespace mito {
namespace {

std::string quoted_list(const std::vector<std::string>& names) {
  std::string out;
  for (const auto& name : names) out += (out.empty() ? "'" : ", '") + name + "'";
  return out;
}

[[noreturn]] void fail(const SourcePos& pos, const std::string& problem) {
  throw DataError(to_string(pos) + ": " + problem);
}

std::string trimmed(std::string_view text) {
  const auto first = text.find_first_not_of(" \t");
  if (first == std::string_view::npos) return {};
  return std::string(text.substr(first, text.find_last_not_of(" \t") - first + 1));
}

bool is_digit(std::string_view text, std::size_t at) {
  return at < text.size() && text[at] >= '0' && text[at] <= '9';
}

/// Would a spreadsheet take this text for a formula and compute it, or take away the mark that says
/// that it is none? Numbers are numbers.
bool is_formula(std::string_view text) {
  const auto start = text.find_first_not_of('\'');
  return start != std::string_view::npos && text.size() > start + 1 &&
         std::string_view("=+-@\t\r").find(text[start]) != std::string_view::npos &&
         !csv_number(text, ',');
}

/// What csv_field() made of a text, back to that text.
std::string without_mark(std::string text) {
  if (text.starts_with('\'') && is_formula(text)) text.erase(0, 1);
  return text;
}

std::string upper(std::string_view text) {
  std::string out(text);
  for (char& c : out) c = static_cast<char>(std::toupper(static_cast<unsigned char>(c)));
  return out;
}

}  // namespace

char csv_separator(std::string_view line) {
  constexpr std::string_view kSeparators = ",;\t";
  std::array<int, kSeparators.size()> counts{};
  bool quoted = false;
  for (std::size_t i = 0; i < line.size(); ++i) {
    if (line[i] == '"') quoted = !quoted;
    const auto which = kSeparators.find(line[i]);
    if (quoted || which == std::string_view::npos) continue;
    const bool in_number =
        line[i] == ',' && i > 0 && is_digit(line, i - 1) && is_digit(line, i + 1);
    if (!in_number) ++counts[which];
  }
  return kSeparators[static_cast<std::size_t>(std::ranges::max_element(counts) - counts.begin())];
}

std::optional<double> csv_number(std::string_view text, char separator) {
  std::string plain = trimmed(text);
  if (const auto comma = plain.find(','); separator != ',' && comma != std::string::npos) {
    if (plain.find('.') != std::string::npos) return std::nullopt;  // groups of digits
    plain[comma] = '.';
  }
  if (plain.starts_with('+') && is_digit(plain, 1)) plain.erase(0, 1);
  double value = 0;
  const char* end = plain.data() + plain.size();
  const auto parsed = std::from_chars(plain.data(), end, value);
  if (parsed.ec != std::errc() || parsed.ptr != end || !std::isfinite(value)) return std::nullopt;
  return value;
}

bool is_undefined_number(std::string_view text) {
  // Of C and Java, of Windows, of spreadsheets, of R and Python.
  constexpr std::array<std::string_view, 17> kWords{
      "",       "NAN",     "INF",     "INFINITY", "NAN(IND)", "NAN(SNAN)",
      "1.#IND", "1.#QNAN", "1.#SNAN", "1.#INF",   "#N/A",     "#DIV/0!",
      "#NUM!",  "#VALUE!", "NA",      "N/A",      "NULL"};
  const std::string whole = upper(trimmed(text));
  const bool has_sign = whole.starts_with('-') || whole.starts_with('+');
  if (whole == "NONE" || whole == "<NA>") return true;
  return std::ranges::count(kWords, std::string_view(whole).substr(has_sign && whole.size() > 1)) >
         0;
}

/// Walks through the text of a table, a row at a time.
class CsvTable::Parser {
 public:
  Parser(std::string_view text, std::string file) : text_(text), file_(std::move(file)) {}

  /// A first line `sep=;` names the separator; else the first line with content shows it.
  char find_separator() {
    skip_blank_lines();
    const std::string line = trimmed(line_at(at_));
    const std::string start = upper(line.substr(0, 6));
    const std::size_t name = start.starts_with("SEP=") ? 4 : start.starts_with("\"SEP=") ? 5 : 0;
    if (name > 0 && line_at(at_).size() > name) {
      separator_ = line_at(at_)[name];
      at_ += line_at(at_).size();
      end_line();
    } else {
      separator_ = csv_separator(line_at(at_));
    }
    return separator_;
  }

  /// The next row that is not blank; false at the end.
  bool next(Row& row) {
    skip_blank_lines();
    row.clear();
    if (at_ >= text_.size()) return false;
    do row.push_back(cell());
    while (take_separator());
    end_line();
    return true;
  }

 private:
  SourcePos here() const { return {file_, line_, static_cast<int>(at_ - line_start_) + 1}; }
  bool is_end(std::size_t at) const { return at >= text_.size() || text_[at] == '\n'; }
  bool is_blank(std::size_t at) const {
    return text_[at] == ' ' || text_[at] == '\r' || (text_[at] == '\t' && separator_ != '\t');
  }
  std::string_view line_at(std::size_t at) const {
    return text_.substr(at, std::min(text_.find('\n', at), text_.size()) - at);
  }
  void end_line() {
    if (at_ >= text_.size()) return;
    ++at_;
    ++line_;
    line_start_ = at_;
  }
  void skip_blank_lines() {
    while (at_ < text_.size() && line_at(at_).find_first_not_of(" \t\r") == std::string::npos) {
      at_ += line_at(at_).size();
      end_line();
    }
  }
  bool take_separator() {
    if (is_end(at_)) return false;
    ++at_;
    return true;
  }

  Cell cell() {
    Cell out{"", line_, here().column};
    std::size_t content = at_;
    while (!is_end(content) && is_blank(content)) ++content;
    if (!is_end(content) && text_[content] == '"') {
      at_ = content;
      out.text = without_mark(quoted());
      return out;
    }
    const std::size_t end = std::min(text_.find(separator_, at_), at_ + line_at(at_).size());
    std::string_view text = text_.substr(at_, end - at_);
    while (text.ends_with('\r')) text.remove_suffix(1);
    out.text = without_mark(trimmed(text));
    at_ = end;
    return out;
  }

  std::string quoted() {
    const SourcePos start = here();
    std::string text;
    for (++at_;; ++at_) {
      if (at_ >= text_.size()) fail(start, "a quote is never closed");
      if (text_[at_] == '"' && (at_ + 1 >= text_.size() || text_[at_ + 1] != '"')) break;
      if (text_[at_] == '"') ++at_;
      text += text_[at_];
      if (text_[at_] != '\n') continue;
      ++line_;
      line_start_ = at_ + 1;
    }
    ++at_;
    while (!is_end(at_) && is_blank(at_)) ++at_;
    if (!is_end(at_) && text_[at_] != separator_)
      fail(here(), std::string("expected ") +
                       (separator_ == ','   ? "a comma"
                        : separator_ == ';' ? "a semicolon"
                                            : "a separator") +
                       " after the closing quote");
    return text;
  }

  std::string_view text_;
  std::string file_;
  char separator_ = ',';
  std::size_t at_ = 0;
  int line_ = 1;
  std::size_t line_start_ = 0;
};

CsvTable CsvTable::read(const std::filesystem::path& file) {
  return parse(decoded_text(read_unpacked(file, "a CSV file")), file);
}

CsvTable CsvTable::parse(std::string_view text, const std::filesystem::path& file) {
  std::string lines;  // of old programs that end them with CR alone
  if (text.find('\n') == std::string_view::npos && text.find('\r') != std::string_view::npos) {
    lines = text;
    std::ranges::replace(lines, '\r', '\n');
    text = lines;
  }
  if (const auto zero = text.find('\0'); zero != std::string_view::npos) {
    const auto line = std::ranges::count(text.substr(0, zero), '\n') + 1;
    fail({file.string(), static_cast<int>(line), 1}, "expected text, found binary data");
  }
  CsvTable table;
  table.file_ = file;
  Parser parser(text, file.string());
  table.separator_ = parser.find_separator();
  Row row;
  if (!parser.next(row))
    throw DataError(file.string() + ": is empty: expected a CSV file with a header line");
  table.take_header(row);
  while (parser.next(row)) table.take(std::move(row));
  table.note_decimal_points();
  return table;
}

void CsvTable::take_header(const Row& row) {
  for (const auto& cell : row) {
    if (!cell.text.empty() && std::ranges::count(header_, cell.text) > 0)
      fail({file_.string(), cell.line, cell.column}, "column '" + cell.text + "' appears twice");
    header_.push_back(cell.text);
  }
}

void CsvTable::take(Row row) {
  const auto is_empty = [](const Cell& cell) { return cell.text.empty(); };
  if (row.size() > 1 && std::ranges::all_of(row, is_empty)) return;
  const SourcePos start{file_.string(), row.front().line, 1};
  while (row.size() > header_.size() && row.back().text.empty()) row.pop_back();
  if (row.size() != header_.size())
    fail(start, "expected " + std::to_string(header_.size()) + " fields as in the header, found " +
                    std::to_string(row.size()));
  rows_.push_back(std::move(row));
}

void CsvTable::note_decimal_points() {
  has_points_.resize(header_.size());
  for (const auto& row : rows_)
    for (std::size_t i = 0; i < row.size(); ++i)
      if (row[i].text.find('.') != std::string::npos && csv_number(row[i].text, ','))
        has_points_[i] = true;
}

std::optional<std::size_t> CsvTable::find(std::string_view column) const {
  auto it = std::ranges::find(header_, column);
  if (it == header_.end()) {  // as people write it, if only one column is written so
    const auto is_it = [&](const std::string& name) { return upper(name) == upper(column); };
    if (std::ranges::count_if(header_, is_it) != 1) return std::nullopt;
    it = std::ranges::find_if(header_, is_it);
  }
  return static_cast<std::size_t>(it - header_.begin());
}

std::optional<std::size_t> CsvTable::find_any(
    std::initializer_list<std::string_view> columns) const {
  for (const auto column : columns)
    if (const auto found = find(column)) return found;
  return std::nullopt;
}

std::size_t CsvTable::require(std::string_view column) const {
  if (const auto found = find(column)) return *found;
  throw DataError(file_.string() + ":1:1: expected a column '" + std::string(column) + "', found " +
                  quoted_list(header_) + did_you_mean(column, header_));
}

const std::string& CsvTable::text(std::size_t row, std::size_t column) const {
  return rows_.at(row).at(column).text;
}

double CsvTable::number(std::size_t row, std::size_t column) const {
  const std::string& field = text(row, column);
  const bool has_comma = field.find(',') != std::string::npos;
  const auto value = csv_number(field, separator_);
  if (value && !(has_comma && has_points_.at(column))) return *value;
  const bool is_odd = has_comma && csv_number(field, ';').has_value();
  fail(position(row, column), "column '" + header_[column] + "': expected a number" +
                                  (is_odd ? " with a decimal point and no other comma" : "") +
                                  ", found '" + field + "'");
}

std::int64_t CsvTable::integer(std::size_t row, std::size_t column) const {
  const std::string& field = text(row, column);
  std::int64_t value = 0;
  const auto [end, error] = std::from_chars(field.data(), field.data() + field.size(), value);
  if (error != std::errc() || end != field.data() + field.size())
    fail(position(row, column),
         "column '" + header_[column] + "': expected a whole number, found '" + field + "'");
  return value;
}

SourcePos CsvTable::position(std::size_t row, std::size_t column) const {
  const Cell& cell = rows_.at(row).at(column);
  return {file_.string(), cell.line, cell.column};
}

std::string csv_field(std::string_view text) {
  std::string marked(is_formula(text) ? "'" : "");
  marked += text;
  text = marked;
  if (text.find_first_of(",;\t\"\n\r ") == std::string_view::npos) return marked;
  std::string out = "\"";
  for (const char c : text) out += c == '"' ? std::string("\"\"") : std::string(1, c);
  return out + '"';
}

}  // namespace mito
