#pragma once
#include <cstdlib>
#include <filesystem>
#include <fstream>
#include <string>
#include <vector>

#include <gtest/gtest.h>

#include "engine/annotations/read.h"
#include "engine/annotations/write.h"
#include "engine/core/error.h"
#include "tests/support/temp_folder.h"

namespace mito::annotations {

/// The same table as QuPath has it: positions count from the corner of what was scanned.
inline AnnotationTable from_bounds(AnnotationTable table) {
  for (auto& image : table.images)
    for (auto& item : image.items) item.from_bounds = true;
  return table;
}

/// A folder of annotation files, removed at the end of the test.
class Files : public ::testing::Test {
 protected:
  std::filesystem::path write(const std::string& name, const std::string& text) const {
    const auto file = folder_ / name;
    std::filesystem::create_directories(file.parent_path());
    std::ofstream(file, std::ios::binary) << text;
    return file;
  }
  AnnotationTable read_text(const std::string& name,
                            const std::string& text,
                            const ReadParams& params = {}) const {
    return read({write(name, text)}, params);
  }
  /// What reading the files says, with paths relative to the folder.
  std::string failure(const std::vector<std::filesystem::path>& files,
                      const ReadParams& params = {}) const {
    try {
      static_cast<void>(read(files, params));
    } catch (const DataError& error) {
      std::string text = error.what();
      const std::string prefix = folder_.path().string() + '/';
      for (auto at = text.find(prefix); at != std::string::npos; at = text.find(prefix))
        text.erase(at, prefix.size());
      return text;
    }
    return "no error";
  }
  std::string failure(const std::string& name,
                      const std::string& text,
                      const ReadParams& params = {}) const {
    return failure({write(name, text)}, params);
  }
  /// Writes the table and returns where its files are.
  std::vector<std::filesystem::path> save(const AnnotationTable& table,
                                          const WriteParams& params) const {
    std::vector<std::filesystem::path> files;
    for (const auto& [path, bytes] : annotations::write(table, params))
      files.push_back(write(path.string(), bytes));
    return files;
  }

  test::TempFolder folder_;
};

}  // namespace mito::annotations
