#pragma once
#include <cstdint>
#include <memory>
#include <string>
#include <string_view>
#include <vector>

struct sqlite3;
struct sqlite3_stmt;

namespace mito::annotations {

/// An SQLite database in memory. Errors are DataErrors that name its file.
class Database {
 public:
  explicit Database(std::string name);                ///< Empty. `name` is for messages.
  Database(std::string name, std::string_view file);  ///< The content of a file, to be read.
  ~Database();
  Database(const Database&) = delete;
  Database& operator=(const Database&) = delete;

  const std::string& name() const { return name_; }
  void execute(const std::string& sql);
  std::string bytes() const;  ///< The content of a file.

  /// A statement being run: `for (auto rows = db.query(..); rows.next();)`.
  class Statement {
   public:
    bool next();  ///< To the next row; false after the last.
    void bind(int parameter, std::int64_t value);
    void bind(int parameter, double value);
    void bind(int parameter, const std::string& value);
    void run();  ///< Once, and again ready to be bound.
    bool is_null(int column) const;
    bool is_integer(int column) const;
    bool is_number(int column) const;
    std::int64_t integer(int column) const;
    double number(int column) const;
    std::string text(int column) const;

   private:
    friend class Database;
    explicit Statement(const Database& database) : database_(&database) {}
    struct Finalize {
      void operator()(sqlite3_stmt* statement) const;
    };
    const Database* database_;
    std::unique_ptr<sqlite3_stmt, Finalize> statement_;
  };
  Statement query(const std::string& sql) const;

  std::vector<std::string> tables() const;
  std::vector<std::string> columns(const std::string& table) const;

 private:
  [[noreturn]] void fail() const;
  std::string name_;
  sqlite3* handle_ = nullptr;
};

}  // namespace mito::annotations
