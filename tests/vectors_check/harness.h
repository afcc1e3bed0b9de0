#pragma once
#include <cmath>
#include <cstdlib>
#include <filesystem>
#include <fstream>
#include <functional>
#include <set>
#include <string>
#include <string_view>

#include <gtest/gtest.h>
#include <nlohmann/json.hpp>

/// Runs code against the reference vectors (tests/vectors/README.md). A test is
///
///     TEST(Vectors, Otsu) {
///       vectors::for_each_case("otsu", [](vectors::Case& c) {
///         c.expect("threshold", otsu_threshold(c.get<std::vector<std::int64_t>>("histogram")));
///       });
///     }
///
/// Every field of a case's `expected` must be compared, or be named in skip(): what is not looked
/// at would pass unnoticed.
namespace mito::vectors {

using nlohmann::json;

/// Environment variable MITO_VECTORS, read when the test runs, else the folder of the source tree.
/// A relative folder is looked up where the shell stood (CTest changes directory), then in the
/// source tree.
inline std::filesystem::path folder() {
  const std::filesystem::path source = MITO_SOURCE_DIR;
  const char* given = std::getenv("MITO_VECTORS");
  if (given == nullptr || *given == '\0') return source / "tests" / "vectors";
  const char* shell = std::getenv("PWD");
  if (shell != nullptr && std::filesystem::is_directory(std::filesystem::path(shell) / given))
    return std::filesystem::path(shell) / given;
  return source / given;
}

/// Numbers a and b agree when |a - b| <= abs + rel * |b|.
struct Tolerance {
  double abs = 1e-9;
  double rel = 0;
};

/// The first difference of two values as text, or empty: integers, text and booleans are equal,
/// other numbers within `tolerance`, null matches null and NaN.
inline std::string difference(const json& actual,
                              const json& expected,
                              const Tolerance& tolerance,
                              const std::string& where = "") {
  const auto differ = [&] {
    return where + ": got " + actual.dump().substr(0, 200) + ", expected " +
           expected.dump().substr(0, 200);
  };
  if (expected.is_null())
    return actual.is_null() || (actual.is_number_float() && std::isnan(actual.get<double>()))
               ? ""
               : differ();
  if (expected.is_number()) {
    if (!actual.is_number()) return differ();
    if (expected.is_number_integer() && actual.is_number_integer())
      return actual == expected ? "" : differ();
    const auto a = actual.get<double>();
    const auto b = expected.get<double>();
    return std::abs(a - b) <= tolerance.abs + tolerance.rel * std::abs(b) ? "" : differ();
  }
  if (expected.is_array()) {
    if (!actual.is_array()) return differ();
    if (actual.size() != expected.size())
      return where + ": got " + std::to_string(actual.size()) + " elements, expected " +
             std::to_string(expected.size());
    for (std::size_t i = 0; i < expected.size(); ++i) {
      const auto found =
          difference(actual[i], expected[i], tolerance, where + "[" + std::to_string(i) + "]");
      if (!found.empty()) return found;
    }
    return "";
  }
  if (expected.is_object()) {
    if (!actual.is_object() || actual.size() != expected.size()) return differ();
    for (const auto& [key, value] : expected.items()) {
      if (!actual.contains(key)) return where + "." + key + ": missing";
      const auto found = difference(actual[key], value, tolerance, where + "." + key);
      if (!found.empty()) return found;
    }
    return "";
  }
  return actual == expected ? "" : differ();
}

/// One case of a vector file.
class Case {
 public:
  Case(const json& content, const json& tolerances)
      : id_(content.at("id").is_string() ? content.at("id").get<std::string>()
                                         : content.at("id").dump()),
        input_(content.at("input")),
        expected_(content.at("expected")),
        tolerances_(tolerances) {}

  const std::string& id() const { return id_; }
  const json& input() const { return input_; }
  const json& input(const std::string& field) const { return input_.at(field); }
  /// Is the input there, and not null?
  bool has(const std::string& field) const {
    return input_.contains(field) && !input_.at(field).is_null();
  }
  template <class T>
  T get(const std::string& field) const {
    return input_.at(field).get<T>();
  }
  const json& expected() const { return expected_; }
  const json& expected(const std::string& field) const { return expected_.at(field); }
  bool expects(const std::string& field) const { return expected_.contains(field); }

  /// The file's tolerances: `<field>_abs` and `<field>_rel`, else `abs` and `rel`, else 1e-9.
  Tolerance tolerance(const std::string& field) const {
    const auto number = [&](const std::string& kind, double otherwise) {
      for (const auto& key : {field + "_" + kind, kind})
        if (tolerances_.contains(key)) return tolerances_.at(key).get<double>();
      return otherwise;
    };
    const double rel = number("rel", 0);
    return {number("abs", rel > 0 ? 0 : 1e-9), rel};
  }
  /// Another entry of the file's `tolerance`, e.g. "pil_levels".
  double tolerance_value(const std::string& key) const { return tolerances_.at(key).get<double>(); }

  /// Compares `actual` with the expected field of that name.
  void expect(const std::string& field, const json& actual) {
    expect(field, actual, tolerance(field));
  }
  void expect(const std::string& field, const json& actual, const Tolerance& tolerance) {
    seen_.insert(field);
    if (!expects(field)) {
      ADD_FAILURE() << "case " << id_ << ": no expected field '" << field << "'";
      return;
    }
    const auto found = difference(actual, expected_.at(field), tolerance, field);
    EXPECT_TRUE(found.empty()) << "case " << id_ << ": " << found;
  }
  /// Says that a field is not for this code to answer (a remark on the case, say).
  void skip(const std::string& field) { seen_.insert(field); }

  /// Fails for expected fields that nothing looked at.
  void finish() const {
    if (!expected_.is_object()) return;
    for (const auto& [field, value] : expected_.items())
      EXPECT_TRUE(seen_.contains(field)) << "case " << id_ << ": field '" << field << "' unchecked";
  }

 private:
  std::string id_;
  const json& input_;
  const json& expected_;
  const json& tolerances_;
  std::set<std::string> seen_;
};

/// Calls `check` for every case of `<folder>/<name>.json`; skips the test when the file is absent,
/// fails it when the folder is.
inline void for_each_case(const std::string& name, const std::function<void(Case&)>& check) {
  const auto file = folder() / (name + ".json");
  ASSERT_TRUE(std::filesystem::is_directory(folder())) << "MITO_VECTORS: no folder " << folder();
  std::ifstream in(file);
  if (!in) GTEST_SKIP() << "no vectors at " << file.string() << " (set MITO_VECTORS)";
  const json root = json::parse(in);
  ASSERT_FALSE(root.at("cases").empty()) << file.string();
  for (const auto& content : root.at("cases")) {
    Case one(content, root.at("tolerance"));
    SCOPED_TRACE(file.filename().string() + " case " + one.id());
    try {
      check(one);
      one.finish();
    } catch (const std::exception& error) {
      ADD_FAILURE() << error.what();
    }
  }
}

}  // namespace mito::vectors
