#include "engine/annotations/read.h"

#include <algorithm>
#include <cctype>
#include <cstdint>
#include <map>
#include <optional>
#include <set>
#include <utility>

#include <nlohmann/json.hpp>
#include <spdlog/fmt/fmt.h>

#include "engine/annotations/json_node.h"
#include "engine/annotations/readers.h"
#include "engine/annotations/xml_file.h"
#include "engine/core/error.h"
#include "engine/core/text.h"
#include "engine/types/points_csv.h"

namespace mito::annotations {
namespace {

namespace fs = std::filesystem;

/// Lower case, with one blank for any run of `_`, `-` and blanks.
std::string folded(std::string_view label) {
  std::string out;
  for (const char c : trimmed(label)) {
    const bool is_blank = c == '_' || c == '-' || c == ' ' || c == '\t';
    if (!is_blank) {
      out += static_cast<char>(std::tolower(static_cast<unsigned char>(c)));
    } else if (!out.empty() && out.back() != ' ') {
      out += ' ';
    }
  }
  return out;
}

bool lists(const std::vector<std::string>& labels, const std::string& folded_label) {
  return std::ranges::any_of(labels,
                             [&](const std::string& one) { return folded(one) == folded_label; });
}

/// What is to be done with an object.
struct Verdict {
  enum class Kind : std::uint8_t { Take, Drop, Refuse, DropOrRefuse };
  Kind kind = Kind::Take;
  std::string label = {};  ///< Of one that is taken.
};

/// Gives objects the classes of the program.
class Classes {
 public:
  explicit Classes(const ReadParams& params) : params_(params) {}

  Verdict of(const Object& object) {
    const std::string& label = object.annotation.label;
    if (label.empty()) return unlabelled();
    const auto [known, fresh] = known_.try_emplace(label);
    if (fresh) known->second = named(label);
    for (const auto& other : object.other_names)
      if (const auto name = class_of(other); !name.empty() && class_of(label).empty())
        return {Verdict::Kind::Take, name};
    return known->second;
  }

  /// Why an object without a class, or of an unknown one, is refused.
  std::string why(const Contents& contents, const Object& object) const {
    const PointL0& center = object.annotation.center;
    const std::string& label = object.annotation.label;
    if (label.empty())
      return fmt::format(
          "{}: the object at ({}, {}) has no class; say with 'unlabelled' what such objects are",
          contents.where(object.place), number_text(center.x), number_text(center.y));
    std::vector<std::string> names = params_.mitosis_labels;
    names.insert(names.end(), params_.hard_negative_labels.begin(),
                 params_.hard_negative_labels.end());
    return fmt::format(
        "{}: '{}' is neither among mitosis_labels nor hard_negative_labels{}; add it to one of "
        "them, or say with 'other_labels' to keep or to drop such objects",
        contents.where(object.place), label, did_you_mean(label, names));
  }

 private:
  std::string class_of(const std::string& label) const {
    const std::string name = folded(label);
    if (lists(params_.mitosis_labels, name)) return std::string(kMitosisLabel);
    if (lists(params_.hard_negative_labels, name)) return std::string(kHardNegativeLabel);
    return "";
  }
  Verdict named(const std::string& label) const {
    if (auto known = class_of(label); !known.empty()) return {Verdict::Kind::Take, known};
    if (params_.other_labels == "keep") return {Verdict::Kind::Take, label};
    if (params_.other_labels == "drop") return {Verdict::Kind::Drop};
    return {params_.other_labels == "auto" ? Verdict::Kind::DropOrRefuse : Verdict::Kind::Refuse};
  }
  Verdict unlabelled() const {
    if (params_.unlabelled == "drop") return {Verdict::Kind::Drop};
    if (params_.unlabelled == "auto") return {Verdict::Kind::DropOrRefuse};
    if (params_.unlabelled == "error") return {Verdict::Kind::Refuse};
    return {Verdict::Kind::Take, params_.unlabelled};
  }

  const ReadParams& params_;
  std::map<std::string, Verdict> known_;
};

/// Counts what is left out, for one line.
class LeftOut {
 public:
  void add(const std::string& what, const Contents& contents, const Object& object) {
    if (counts_.empty()) first_ = contents.where(object.place);
    ++counts_[what];
  }
  /// Empty when nothing was left out.
  std::string line() const {
    if (counts_.empty()) return "";
    std::string text;
    int total = 0;
    for (const auto& [what, count] : counts_) {
      text += fmt::format("{}{} {}", text.empty() ? "" : ", ", count, what);
      total += count;
    }
    return fmt::format("{} {} left out of the annotations: {} (the first: {})", total,
                       total == 1 ? "object is" : "objects are", text, first_);
  }

 private:
  std::map<std::string, int> counts_;
  std::string first_;
};

/// Joins what several files say.
class Merge {
 public:
  explicit Merge(const ReadParams& params) : classes_(params) {}

  void add(const Source& source, const std::string& format, const Contents& contents) {
    for (const auto& image : contents.images) {
      ImageAnnotations& all = named(image, contents, source, format);
      std::set<std::string> own;
      for (const auto& object : image.objects) {
        const std::string label = label_of(contents, object);
        if (label.empty()) continue;
        Annotation item = object.annotation;
        item.label = label;
        if (own.insert(item.label).second) claim(image, item.label, contents, object, source);
        all.items.push_back(std::move(item));
      }
    }
  }

  /// What was left out, for people; empty when nothing was.
  std::string left_out() const { return left_out_.line(); }

  /// Throws DataError when objects were left out for want of a class and no other one was found.
  AnnotationTable finish() {
    if (!found_any_ && !refusal_.empty()) throw DataError(refusal_);
    AnnotationTable table;
    for (auto& [name, image] : images_) table.images.push_back(std::move(image.annotations));
    return table;
  }

 private:
  /// The label to use; empty to leave the object out.
  std::string label_of(const Contents& contents, const Object& object) {
    if (!object.no_object.empty()) {
      left_out_.add(object.no_object, contents, object);
      return "";
    }
    const auto verdict = classes_.of(object);
    const auto why = [&] {
      return object.problem.empty() ? classes_.why(contents, object) : object.problem;
    };
    if (verdict.kind == Verdict::Kind::Take && object.problem.empty()) {
      found_any_ = true;
      return verdict.label;
    }
    if (verdict.kind == Verdict::Kind::Take) throw DataError(object.problem);
    if (verdict.kind == Verdict::Kind::Refuse) throw DataError(why());
    if (verdict.kind == Verdict::Kind::DropOrRefuse && !found_any_ && refusal_.empty())
      refusal_ = why();
    const auto& label = object.annotation.label;
    left_out_.add(label.empty() ? "without a class" : fmt::format("of class '{}'", label), contents,
                  object);
    return "";
  }

  struct Known {
    ImageAnnotations annotations;
    fs::path file;                       ///< The first that describes it.
    std::map<std::string, fs::path> by;  ///< Who gave the objects of a class.
  };

  ImageAnnotations& named(const Image& image,
                          const Contents& contents,
                          const Source& source,
                          const std::string& format) {
    if (const auto zero = image.name.find('\0'); zero != std::string::npos)
      throw DataError(
          fmt::format("{}: the name of an image holds a zero byte after '{}', expected "
                      "the name of a file",
                      contents.where(image.place), image.name.substr(0, zero)));
    const auto [found, fresh] = images_.try_emplace(image.name);
    auto& known = found->second;
    if (fresh) {
      known = {{image.name, image.case_id, {}}, source.path(), {}};
      return known.annotations;
    }
    if (contents.named_by_file && format != "tupac")
      throw DataError(fmt::format(
          "{}: is called after image '{}', which {} describes already; if folders tell the images "
          "apart, say so with 'name_folders'",
          source.path().string(), image.name, known.file.string()));
    auto& case_id = known.annotations.case_id;
    if (case_id.empty()) case_id = image.case_id;
    if (!image.case_id.empty() && image.case_id != case_id)
      throw DataError(fmt::format("{}: image '{}' belongs to case '{}' here and to '{}' in {}",
                                  contents.where(image.place), image.name, image.case_id, case_id,
                                  known.file.string()));
    return known.annotations;
  }

  void claim(const Image& image,
             const std::string& label,
             const Contents& contents,
             const Object& object,
             const Source& source) {
    const auto [by, fresh] = images_.at(image.name).by.emplace(label, source.path());
    if (!fresh)
      throw DataError(fmt::format(
          "{}: objects of class '{}' in image '{}' are also in {}: one file must hold all of them",
          contents.where(object.place), label, image.name, by->second.string()));
  }

  Classes classes_;
  LeftOut left_out_;
  bool found_any_ = false;  ///< An object that was taken.
  std::string refusal_;     ///< What to say if there is none.
  std::map<std::string, Known> images_;
};

bool is_number_of_digits(const std::string& text) {
  return !text.empty() &&
         std::ranges::all_of(text, [](unsigned char c) { return std::isdigit(c); });
}

/// A CASE/IMAGE.csv of the TUPAC16 set?
bool is_in_tupac_layout(const fs::path& packed) {
  const fs::path file = without_gz(packed);
  const fs::path folder = fs::absolute(file).lexically_normal().parent_path();
  return is_number_of_digits(folder.filename().string()) &&
         is_number_of_digits(file.stem().string()) && file.extension() == ".csv";
}

/// Lines of values: with a header our own; without one of TUPAC16 (a point per line) or ICPR 2012
/// (all pixels of an object per line).
std::string table_format_of(const Source& source) {
  std::size_t longest = 0;
  bool has_header = false;
  source.for_each_line([&](std::string_view line, std::size_t) {
    const char separator = csv_separator(line);
    if (longest == 0) has_header = !csv_number(line.substr(0, line.find(separator)), separator);
    longest = std::max<std::size_t>(
        longest, 1U + static_cast<std::size_t>(std::ranges::count(line, separator)));
  });
  if (has_header) return "csv";
  if (longest > 3) return "icpr";
  if (is_in_tupac_layout(source.path())) return "tupac";
  if (longest == 0)
    throw DataError(source.path().string() +
                    ": is empty: expected annotations (a set in the layout of TUPAC16 has files "
                    "CASE/IMAGE.csv with numbers; else name the format)");
  source.fail(0,
              "two numbers per line may be row,column (tupac) or the pixels x,y of an object "
              "(icpr): name the format");
}

std::string format_of(const Source& source) {
  const std::string_view text = source.text();
  if (text.starts_with(std::string_view("SQLite format 3\0", 16))) return "sliderunner";
  const auto start = text.find_first_not_of(" \t\r\n");
  const char first = start == std::string_view::npos ? ' ' : text[start];
  if (first == '<') {
    const std::string root = xml_root(source);
    if (root == "ASAP_Annotations") return "asap";
    if (root == "Annotations") return "imagescope";
    if (root == "annotation") return "voc";
    throw DataError(fmt::format(
        "{}: expected the element <ASAP_Annotations> (ASAP), <Annotations> (ImageScope) or "
        "<annotation> (Pascal VOC), found <{}>",
        source.at(start), root));
  }
  if (first == '{' || first == '[') {
    const auto json = parse_json(source);
    if (json.is_array() || json.contains("type")) return "geojson";
    if (json.contains("images") || json.contains("annotations")) return "midog";
    throw DataError(source.at(start) +
                    ": expected 'images' and 'annotations' (MIDOG) or 'type' (GeoJSON) in it");
  }
  return table_format_of(source);
}

Contents contents_of(const Source& source, const std::string& format, const ReadParams& params) {
  const Naming naming{params.name_suffix, params.name_folders};
  if (format == "csv") return read_csv(source, naming);
  if (format == "tupac") return read_tupac(source, naming);
  if (format == "icpr") return read_icpr(source, naming);
  if (format == "midog") return read_midog(source, params.box);
  if (format == "geojson") return read_geojson(source, naming);
  if (format == "asap") return read_asap(source, naming);
  if (format == "imagescope") return read_imagescope(source, naming);
  if (format == "voc") return read_voc(source);
  if (format == "sliderunner") return read_sliderunner(source);
  throw ConfigError("no format of annotations '" + format + "'");
}

}  // namespace

std::string check(const ReadParams& params) {
  for (const auto& label : params.mitosis_labels)
    if (lists(params.hard_negative_labels, folded(label)))
      return fmt::format("'{}' is among mitosis_labels and among hard_negative_labels", label);
  return "";
}

std::string format_of(const fs::path& file) { return format_of(Source::read(file)); }

AnnotationTable read(const std::vector<fs::path>& files,
                     const ReadParams& params,
                     std::string* left_out) {
  if (const auto problem = check(params); !problem.empty()) throw ConfigError(problem);
  Merge merge(params);
  for (const auto& file : files) {
    const Source source = Source::read(file);
    const std::string format = params.format == "auto" ? format_of(source) : params.format;
    merge.add(source, format, contents_of(source, format, params));
  }
  auto table = merge.finish();
  if (left_out != nullptr) *left_out = merge.left_out();
  return table;
}

}  // namespace mito::annotations
