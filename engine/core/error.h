#pragma once
#include <map>
#include <span>
#include <stdexcept>
#include <string>
#include <tuple>
#include <vector>

namespace mito {

/// A place in a text file. Lines and columns are 1-based, as editors show them.
struct SourcePos {
  std::string file;
  int line = 0;
  int column = 0;
};

/// "pipelines/x.yaml:14:9"
std::string to_string(const SourcePos& pos);

/// Root of every exception the project throws on purpose.
class Error : public std::runtime_error {
 public:
  using std::runtime_error::runtime_error;
};

/// The pipeline file or the command line is wrong. Carries every problem found, not just the first.
class ConfigError : public Error {
 public:
  using Error::Error;
};

/// Input or cached data is missing, truncated or of the wrong kind.
class DataError : public Error {
 public:
  using Error::Error;
};

/// A node body failed. The original exception is nested inside.
class NodeError : public Error {
 public:
  using Error::Error;
};

/// The run was asked to stop (Ctrl-C, SIGTERM). What was stored stays usable.
class Interrupted : public Error {
 public:
  using Error::Error;
};

/// Collects problems while reading a file, then reports them together.
class Diagnostics {
 public:
  void add(const SourcePos& pos, const std::string& message);
  bool empty() const { return found_.empty(); }
  std::vector<std::string> lines() const;  ///< Sorted by position; each once.
  void throw_if_any() const;  ///< Throws ConfigError with first_mistakes(), sorted by position.

 private:
  using Place = std::tuple<std::string, int, int>;   ///< file, line, column
  std::map<Place, std::vector<std::string>> found_;  ///< in each place, in the order of add()
};

/// The first 50 of `lines`, one below the other, and how many there are behind them.
std::string first_mistakes(std::span<const std::string> lines);

/// Flattens an exception and everything nested in it: "a: b: c".
std::string explain(const std::exception& error);

}  // namespace mito
