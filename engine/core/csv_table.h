#pragma once
#include <cstddef>
#include <cstdint>
#include <filesystem>
#include <initializer_list>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "engine/core/error.h"

namespace mito {

/// What separates the fields of a line: comma, semicolon or tab, whichever there is most of outside
/// quotes; a comma between two digits may belong to a number and does not count.
char csv_separator(std::string_view line);

/// A finite number as it stands in a table: where `separator` is no comma, a comma may be its
/// decimal point.
std::optional<double> csv_number(std::string_view text, char separator);

/// Does a field say that a number is not known: empty, NaN, NA, N/A, Inf, null, in any case?
bool is_undefined_number(std::string_view text);

/// A table of text with a header line, as programs and spreadsheets of all countries write it:
/// commas, semicolons or tabs (or what a first line `sep=;` says), optional double quotes ("" is a
/// quote; line breaks may stand in them), any line ends, UTF-8, UTF-16 or Latin-1, packed with gzip
/// or not. Lines and rows without any content are skipped, as are empty fields behind the header's
/// last; blanks around a field are removed. Column names are compared exactly.
class CsvTable {
 public:
  /// Throws DataError "FILE:LINE:COLUMN: ..." when the file is missing, empty, not text, has a
  /// column twice, a row with another number of fields than the header, or an open quote.
  static CsvTable read(const std::filesystem::path& file);
  /// The same from the text of a file, in UTF-8.
  static CsvTable parse(std::string_view text, const std::filesystem::path& file);

  const std::filesystem::path& file() const { return file_; }
  const std::vector<std::string>& header() const { return header_; }
  std::size_t rows() const { return rows_.size(); }

  std::optional<std::size_t> find(std::string_view column) const;
  /// The first of `columns` that the file has.
  std::optional<std::size_t> find_any(std::initializer_list<std::string_view> columns) const;
  /// Throws DataError naming the file, the column and the columns there are.
  std::size_t require(std::string_view column) const;

  const std::string& text(std::size_t row, std::size_t column) const;
  /// Throw DataError "FILE:LINE:COLUMN: column 'x': expected a number, found 'abc'". A comma is a
  /// decimal point in tables of semicolons or tabs, unless the column has points in that place.
  double number(std::size_t row, std::size_t column) const;
  std::int64_t integer(std::size_t row, std::size_t column) const;
  /// Where a field starts, for messages.
  SourcePos position(std::size_t row, std::size_t column) const;

 private:
  struct Cell {
    std::string text;
    int line = 0;
    int column = 1;
  };
  using Row = std::vector<Cell>;
  class Parser;

  void take_header(const Row& row);
  void take(Row row);
  void note_decimal_points();

  std::filesystem::path file_;
  char separator_ = ',';
  std::vector<std::string> header_;
  std::vector<bool> has_points_;  ///< Per column: numbers with a decimal point.
  std::vector<Row> rows_;
};

/// A field of a CSV line, in quotes where it needs them; CsvTable takes the mark of a formula off.
std::string csv_field(std::string_view text);

}  // namespace mito
