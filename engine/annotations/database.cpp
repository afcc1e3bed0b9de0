#include "engine/annotations/database.h"

#include <algorithm>

#include <sqlite3.h>

#include "engine/core/error.h"

namespace mito::annotations {

Database::Database(std::string name) : name_(std::move(name)) {
  if (sqlite3_open_v2(":memory:", &handle_, SQLITE_OPEN_READWRITE | SQLITE_OPEN_CREATE, nullptr) !=
      SQLITE_OK) {
    sqlite3_close(handle_);
    throw DataError(name_ + ": SQLite has no memory for it");
  }
}

Database::Database(std::string name, std::string_view file) : Database(std::move(name)) {
  const auto size = static_cast<sqlite3_int64>(file.size());
  auto* copy = static_cast<unsigned char*>(sqlite3_malloc64(file.size() + 1));
  if (copy == nullptr) throw DataError(name_ + ": SQLite has no memory for it");
  std::copy(file.begin(), file.end(), copy);
  // A database in memory has no write-ahead log beside it: say that this one uses none.
  if (file.size() > 19 && copy[18] == 2 && copy[19] == 2) copy[18] = copy[19] = 1;
  if (sqlite3_deserialize(handle_, "main", copy, size, size,
                          SQLITE_DESERIALIZE_FREEONCLOSE | SQLITE_DESERIALIZE_READONLY) !=
      SQLITE_OK)
    fail();
}

Database::~Database() { sqlite3_close(handle_); }

void Database::fail() const {
  throw DataError(name_ + ": is not a readable SQLite database: " + sqlite3_errmsg(handle_));
}

void Database::execute(const std::string& sql) {
  if (sqlite3_exec(handle_, sql.c_str(), nullptr, nullptr, nullptr) != SQLITE_OK) fail();
}

std::string Database::bytes() const {
  sqlite3_int64 size = 0;
  const std::unique_ptr<unsigned char, decltype(&sqlite3_free)> copy(
      sqlite3_serialize(handle_, "main", &size, 0), &sqlite3_free);
  if (copy == nullptr) fail();
  return {reinterpret_cast<const char*>(copy.get()), static_cast<std::size_t>(size)};
}

Database::Statement Database::query(const std::string& sql) const {
  Statement out(*this);
  sqlite3_stmt* statement = nullptr;
  if (sqlite3_prepare_v2(handle_, sql.c_str(), -1, &statement, nullptr) != SQLITE_OK) fail();
  out.statement_.reset(statement);
  return out;
}

std::vector<std::string> Database::tables() const {
  std::vector<std::string> names;
  for (auto rows = query("SELECT name FROM sqlite_master WHERE type = 'table'"); rows.next();)
    names.push_back(rows.text(0));
  return names;
}

std::vector<std::string> Database::columns(const std::string& table) const {
  std::vector<std::string> names;
  auto rows = query("SELECT name FROM pragma_table_info(?)");
  rows.bind(1, table);
  while (rows.next()) names.push_back(rows.text(0));
  return names;
}

void Database::Statement::Finalize::operator()(sqlite3_stmt* statement) const {
  sqlite3_finalize(statement);
}

bool Database::Statement::next() {
  const int result = sqlite3_step(statement_.get());
  if (result != SQLITE_ROW && result != SQLITE_DONE) database_->fail();
  return result == SQLITE_ROW;
}

void Database::Statement::bind(int parameter, std::int64_t value) {
  sqlite3_bind_int64(statement_.get(), parameter, value);
}

void Database::Statement::bind(int parameter, double value) {
  sqlite3_bind_double(statement_.get(), parameter, value);
}

void Database::Statement::bind(int parameter, const std::string& value) {
  sqlite3_bind_text64(statement_.get(), parameter, value.data(), value.size(), SQLITE_TRANSIENT,
                      SQLITE_UTF8);
}

void Database::Statement::run() {
  next();
  sqlite3_reset(statement_.get());
}

bool Database::Statement::is_null(int column) const {
  return sqlite3_column_type(statement_.get(), column) == SQLITE_NULL;
}

bool Database::Statement::is_integer(int column) const {
  return sqlite3_column_type(statement_.get(), column) == SQLITE_INTEGER;
}

bool Database::Statement::is_number(int column) const {
  return is_integer(column) || sqlite3_column_type(statement_.get(), column) == SQLITE_FLOAT;
}

std::int64_t Database::Statement::integer(int column) const {
  return sqlite3_column_int64(statement_.get(), column);
}

double Database::Statement::number(int column) const {
  return sqlite3_column_double(statement_.get(), column);
}

std::string Database::Statement::text(int column) const {
  const auto* text = sqlite3_column_text(statement_.get(), column);
  if (text == nullptr) return {};
  return {reinterpret_cast<const char*>(text),
          static_cast<std::size_t>(sqlite3_column_bytes(statement_.get(), column))};
}

}  // namespace mito::annotations
