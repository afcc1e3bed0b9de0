#pragma once
#include <filesystem>
#include <string>
#include <string_view>
#include <vector>

#include "engine/core/foresight.h"
#include "engine/core/seen_files.h"

// Images that a network was trained on, or a threshold tuned on, are recognised by their content: a
// slide under another name is the slide it was (method 1.4).
namespace mito {

/// 64 hex digits in lower case?
bool is_content_digest(std::string_view text);

/// The SHA-256 of the bytes that a slide is read from, 64 hex digits, from SlideInfo::identity, of
/// which it is the beginning however the slide is coloured or continued. Empty when the identity is
/// not one of a file.
std::string content_of_identity(std::string_view identity);

/// Size of a file in bytes; 0 when it is not there.
std::uint64_t file_bytes(const std::filesystem::path& file);

/// Those of both, and why of either there may be more.
SeenFiles united(SeenFiles a, const SeenFiles& b);

/// `files` by digest, each once. `not_known`: why there may be more.
SeenFiles seen_files(std::vector<SeenFile> files, std::string not_known);

/// The texts of a list of files, one each: digest, bytes, case and name with tabs between them.
std::vector<std::string> seen_file_lines(const SeenFiles& seen);
/// Reads what seen_file_lines() wrote. Throws DataError "WHERE: entry 2: expected ...".
std::vector<SeenFile> read_seen_files(const std::vector<std::string>& lines,
                                      std::string_view where);

/// An image whose detections or patches are measured.
struct MeasuredImage {
  std::string name;
  std::string case_id;  ///< Its name where nobody states the case.
  std::string content;  ///< As content_of_identity() gives it.
};

/// Throws DataError naming the image, what it was called when it was seen, its case there and the
/// file that says so, when `image` has the content of one of `seen`.
void refuse_seen_image(const Measured::Seen& seen, const MeasuredImage& image);

/// The same by the name of its case and by content, of all that was seen.
void refuse_seen(const std::vector<Measured::Seen>& seen, const MeasuredImage& image);

/// What is known of leaks between what is measured and what was seen, in words for a report. Each
/// begins with "none" or with "not known", and none is more than it says.
struct LeakCheck {
  std::string names;    ///< By the names of the cases; empty: nothing was looked at.
  std::string content;  ///< By the content of the files.
  std::vector<std::string> warnings = {};  ///< Names that look as if they were of a seen case.
};

/// Of images that refuse_seen() let pass.
LeakCheck leak_check(const std::vector<Measured::Seen>& seen,
                     const std::vector<MeasuredImage>& images);

}  // namespace mito
