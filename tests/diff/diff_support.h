#pragma once
#include <filesystem>
#include <fstream>
#include <string>

#include <spdlog/fmt/fmt.h>

#include "tests/support/temp_folder.h"

namespace mito::diff {

inline void write_text(const std::filesystem::path& file, const std::string& text) {
  std::filesystem::create_directories(file.parent_path());
  std::ofstream(file) << text;
}

/// The output folder of one slide, at 0.5 um per pixel. `rows`: "x,y,score;x,y,score".
inline void write_slide(const std::filesystem::path& folder,
                        const std::string& slide,
                        const std::string& rows,
                        int grade = 2) {
  std::string csv = "slide,x,y,score,label,id\n";
  int id = 0;
  for (std::size_t at = 0; at < rows.size();) {
    const std::size_t end = std::min(rows.find(';', at), rows.size());
    csv += fmt::format("{},{},mitosis,{}\n", slide, rows.substr(at, end - at), ++id);
    at = end + 1;
  }
  write_text(folder / "detections.csv", csv);
  write_text(folder / "result.json",
             fmt::format(R"({{"slide": {{"name": "{0}", "file": "{0}.svs", "identity": "id-{0}",
  "mpp_x": 0.5, "mpp_y": 0.5}}, "grade": {1}, "seconds": {{"objects": {2}}}}})",
                         slide, grade, rows.size()));
  write_text(folder / "manifest.json", "{}");
}

/// A run record with one node, whose parameter is `value`.
inline void write_record(const std::filesystem::path& folder,
                         const std::string& value,
                         const std::string& truth = "") {
  const std::string input = truth.empty() ? "{}" : fmt::format(R"({{"truth": {}}})", truth);
  write_text(folder / "run.json", fmt::format(R"({{"mitoloom_run": 1, "version": "0.1.0",
  "pipeline": "detect.yaml", "nodes": {{
    "objects": {{"type": "objects", "version": 1, "parameters": {{"min_probability": "{}"}}, "inputs": {{"slide": "slide"}}}},
    "evaluation": {{"type": "evaluate_detections", "version": 1, "parameters": {{}}, "inputs": {{"truth": "$truth"}}}}}},
  "inputs": {}}})",
                                              value, input));
}

}  // namespace mito::diff
