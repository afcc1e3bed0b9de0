#pragma once
#include <cstdint>
#include <string>
#include <vector>

namespace mito {

/// A file that something was made from, known by its content whatever it is called.
struct SeenFile {
  std::string digest;  ///< SHA-256 of all bytes that it is read from, 64 hex digits.
  std::uint64_t bytes =
      0;             ///< Size of the file itself: most others are told apart unread. 0 = not known.
  std::string name;  ///< What it was called.
  std::string case_id;  ///< Whom it was of.
  bool operator==(const SeenFile&) const = default;
};

/// The files that something was made from, as far as they were written down.
struct SeenFiles {
  std::vector<SeenFile> files;  ///< By digest, each once.
  std::string not_known =
      "its files were not written down";  ///< Why there may be more; empty: none.
  std::string listed_in = {};  ///< What lists them, for messages: not stored, not compared.
  bool operator==(const SeenFiles& other) const {
    return files == other.files && not_known == other.not_known;
  }
};

}  // namespace mito
