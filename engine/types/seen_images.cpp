#include "engine/types/seen_images.h"

#include <algorithm>
#include <cctype>
#include <charconv>
#include <optional>
#include <set>
#include <system_error>

#include <spdlog/fmt/fmt.h>
#include <spdlog/fmt/ranges.h>

#include "engine/core/error.h"
#include "engine/types/cases.h"

namespace mito {
namespace {

constexpr std::size_t kDigits = 64;  // of a SHA-256
constexpr char kBetween = '\t';

/// `text` without what ends a field or a line.
std::string one_line(std::string text) {
  std::ranges::replace_if(
      text, [](unsigned char c) { return std::iscntrl(c) != 0; }, ' ');
  return text;
}

std::vector<std::string_view> split(std::string_view line, std::size_t fields) {
  std::vector<std::string_view> out;
  while (out.size() + 1 < fields) {
    const auto end = line.find(kBetween);
    if (end == line.npos) break;
    out.push_back(line.substr(0, end));
    line.remove_prefix(end + 1);
  }
  out.push_back(line);
  return out;
}

std::optional<std::uint64_t> whole_number(std::string_view text) {
  std::uint64_t value = 0;
  const auto [end, error] = std::from_chars(text.data(), text.data() + text.size(), value);
  if (error != std::errc() || end != text.data() + text.size()) return std::nullopt;
  return value;
}

std::string joined(const std::set<std::string>& texts) {
  return fmt::format("{}", fmt::join(texts, "; "));
}

std::string and_joined(const std::set<std::string>& texts) {
  return fmt::format("{}", fmt::join(texts, " and "));
}

/// Does `name` begin with the name of a case, so that it may be an image of it: "H04_04", "H04"?
bool is_called_after(std::string_view name, std::string_view case_id) {
  constexpr std::size_t kShortest = 2;
  return case_id.size() >= kShortest && name.size() > case_id.size() && name.starts_with(case_id) &&
         std::isalnum(static_cast<unsigned char>(name[case_id.size()])) == 0;
}

}  // namespace

bool is_content_digest(std::string_view text) {
  return text.size() == kDigits && text.find_first_not_of("0123456789abcdef") == text.npos;
}

std::string content_of_identity(std::string_view identity) {
  const auto content = identity.substr(0, kDigits);
  const bool ends = identity.size() <= kDigits ||
                    std::string_view("|+").find(identity[kDigits]) != std::string_view::npos;
  return is_content_digest(content) && ends ? std::string(content) : "";
}

std::uint64_t file_bytes(const std::filesystem::path& file) {
  std::error_code error;
  const auto bytes = std::filesystem::file_size(file, error);
  return error ? 0 : bytes;
}

SeenFiles seen_files(std::vector<SeenFile> files, std::string not_known) {
  std::ranges::stable_sort(files, {}, &SeenFile::digest);
  const auto is_same = [](const auto& a, const auto& b) { return a.digest == b.digest; };
  files.erase(std::unique(files.begin(), files.end(), is_same), files.end());
  return {std::move(files), std::move(not_known)};
}

SeenFiles united(SeenFiles a, const SeenFiles& b) {
  a.files.insert(a.files.end(), b.files.begin(), b.files.end());
  std::set<std::string> reasons{a.not_known, b.not_known};
  reasons.erase("");
  auto out = seen_files(std::move(a.files), joined(reasons));
  if (a.listed_in == b.listed_in) out.listed_in = b.listed_in;
  return out;
}

std::vector<std::string> seen_file_lines(const SeenFiles& seen) {
  std::vector<std::string> out;
  for (const auto& file : seen.files)
    out.push_back(fmt::format("{}{}{}{}{}{}{}", file.digest, kBetween, file.bytes, kBetween,
                              one_line(file.case_id), kBetween, one_line(file.name)));
  return out;
}

std::vector<SeenFile> read_seen_files(const std::vector<std::string>& lines,
                                      std::string_view where) {
  constexpr std::size_t kFields = 4;
  std::vector<SeenFile> out;
  for (std::size_t i = 0; i < lines.size(); ++i) {
    const auto fields = split(lines[i], kFields);
    const auto bytes = fields.size() == kFields ? whole_number(fields[1]) : std::nullopt;
    if (!bytes || !is_content_digest(fields[0]))
      throw DataError(fmt::format(
          "{}: entry {}: expected a SHA-256 of 64 hex digits, a number of bytes, case and name "
          "with tabs between them, found '{}'",
          where, i + 1, lines[i].substr(0, 100)));
    out.push_back({std::string(fields[0]), *bytes, std::string(fields[3]), std::string(fields[2])});
  }
  return out;
}

void refuse_seen_image(const Measured::Seen& seen, const MeasuredImage& image) {
  if (image.content.empty()) return;
  const auto found = std::ranges::find(seen.files.files, image.content, &SeenFile::digest);
  if (found == seen.files.files.end()) return;
  throw DataError(fmt::format(
      "slide '{}' of the evaluation set is, by its content, '{}' of case '{}' of the {} set{}; "
      "sets must not share cases",
      image.name, found->name, found->case_id, seen.role,
      seen.files.listed_in.empty() ? "" : fmt::format(" ({})", seen.files.listed_in)));
}

void refuse_seen(const std::vector<Measured::Seen>& seen, const MeasuredImage& image) {
  const std::vector<std::string> evaluated{image.case_id};
  for (const auto& one : seen) {
    refuse_shared_cases({one.role, one.cases}, {"evaluation", evaluated});
    refuse_seen_image(one, image);
  }
}

namespace {

/// Warns of images that are called after a seen case while nobody states their own.
std::vector<std::string> looks_seen(const std::vector<Measured::Seen>& seen,
                                    const std::vector<MeasuredImage>& images) {
  std::vector<std::string> out;
  for (const auto& image : images) {
    if (image.case_id != image.name) continue;
    for (const auto& one : seen) {
      const auto found = std::ranges::find_if(
          one.cases, [&](const auto& name) { return is_called_after(image.name, name); });
      if (found == one.cases.end()) continue;
      out.push_back(fmt::format(
          "slide '{}' is called after case '{}' of the {} set, and nobody states its case: state "
          "it in the annotations, the table of the study or by case_pattern",
          image.name, *found, one.role));
      break;
    }
  }
  return out;
}

std::string check_names(const std::vector<Measured::Seen>& seen,
                        const std::vector<MeasuredImage>& images,
                        const std::vector<std::string>& warnings) {
  std::set<std::string> known;
  std::set<std::string> roles;
  std::set<std::string> unnamed;
  for (const auto& one : seen) {
    known.insert(one.cases.begin(), one.cases.end());
    (one.cases.empty() ? unnamed : roles).insert(one.role);
  }
  for (const auto& role : roles) unnamed.erase(role);
  if (known.empty()) return "not known: no cases of training and tuning are named";
  std::set<std::string> cases;
  for (const auto& image : images) cases.insert(image.case_id);
  std::string out = fmt::format("none of the cases measured ({}) is among the {} of {}",
                                cases.size(), known.size(), and_joined(roles));
  if (!unnamed.empty()) out += fmt::format("; no case of {} is named", and_joined(unnamed));
  const auto called =
      std::ranges::count_if(images, [](const auto& i) { return i.case_id == i.name; });
  if (called > 0)
    out += fmt::format("; not known: the cases of {} of {} slides, whose names stand for them",
                       called, images.size());
  for (const auto& warning : warnings) out += "; " + warning;
  return out;
}

std::string check_content(const std::vector<Measured::Seen>& seen,
                          const std::vector<MeasuredImage>& images) {
  std::set<std::string> recorded;
  std::set<std::string> roles;
  std::set<std::string> reasons;
  for (const auto& one : seen) {
    for (const auto& file : one.files.files) recorded.insert(file.digest);
    if (!one.files.files.empty()) roles.insert(one.role);
    if (!one.files.not_known.empty())
      reasons.insert(fmt::format("of {}, {}", one.role, one.files.not_known));
  }
  const auto nameless =
      std::ranges::count_if(images, [](const auto& i) { return i.content.empty(); });
  if (nameless > 0)
    reasons.insert(
        fmt::format("{} of {} measured images come without their file", nameless, images.size()));
  if (recorded.empty() || nameless == std::ssize(images)) {
    if (reasons.empty()) reasons.insert("no image of training and tuning is written down");
    return "not known: " + joined(reasons);
  }
  reasons.insert("whether one was encoded anew, cut out of one of these or scanned again");
  return fmt::format("none of the slides measured ({}) is one of the {} files of {}; not known: {}",
                     images.size(), recorded.size(), and_joined(roles), joined(reasons));
}

}  // namespace

LeakCheck leak_check(const std::vector<Measured::Seen>& seen,
                     const std::vector<MeasuredImage>& images) {
  if (seen.empty()) {
    const std::string nothing =
        "not known: neither a network nor a tuning is connected that says what it has seen";
    return {nothing, nothing};
  }
  LeakCheck out;
  out.warnings = looks_seen(seen, images);
  out.names = check_names(seen, images, out.warnings);
  out.content = check_content(seen, images);
  return out;
}

}  // namespace mito
