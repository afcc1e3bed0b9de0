#pragma once
#include <cstdint>
#include <filesystem>
#include <limits>
#include <string>
#include <variant>
#include <vector>

#include "engine/core/error.h"

namespace mito::python {

/// A place of the step's own file is wrong.
class StepError : public DataError {
 public:
  StepError(int line, const std::string& message) : DataError(message), line_(line) {}
  int line() const { return line_; }

 private:
  int line_;
};

struct StepPort {
  std::string name;
  std::string payload;
  bool optional = false;
  int line = 1;
};

struct StepParam {
  using Value = std::variant<bool,
                             std::int64_t,
                             double,
                             std::string,
                             std::vector<double>,
                             std::vector<std::string>>;
  std::string name;
  Value standard;  ///< Its default.
  double min = -std::numeric_limits<double>::infinity();
  double max = std::numeric_limits<double>::infinity();
  std::vector<std::string> choices = {};
  std::string doc = {};
  int line = 1;
};

/// What a step in Python says of itself, in literals that are read without running it.
struct StepFile {
  std::filesystem::path file;
  std::string summary;  ///< First line of its docstring.
  std::vector<StepPort> inputs;
  StepPort output;
  std::vector<StepParam> params;
  std::string source;   ///< SHA-256 over the file and the modules beside it that it imports.
  std::string imports;  ///< "numpy 1.24.2, python 3.11": all else that it imports.
};

/// Throws StepError, or DataError when the interpreter cannot be started.
StepFile read_step(const std::filesystem::path& file);

}  // namespace mito::python
