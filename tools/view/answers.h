#pragma once
#include <filesystem>
#include <map>
#include <mutex>
#include <set>
#include <string>
#include <vector>

#include <nlohmann/json.hpp>

namespace mito::view {

/// The answers of a slide: `sample,observer,label` in the file that the pipelines of observers
/// read. All members may be called from several threads at once.
class Answers {
 public:
  struct Line {
    std::string sample;
    std::string observer;
    std::string label;  ///< mitotic, non_mitotic, unsure
  };

  /// `samples`: those that may be answered.
  Answers(std::filesystem::path file, std::set<std::string> samples);

  /// Those that are there; none when there is no file. Throws DataError.
  std::vector<Line> lines() const;

  /// Puts {"observer": "Ann", "labels": {"ab12cd-0001": "mitotic"}} in the place of all that this
  /// observer said before; returns how many answers that are. Throws ConfigError when it is of
  /// another form, DataError when the file cannot be read or written.
  std::size_t put(const nlohmann::ordered_json& given);

 private:
  std::filesystem::path file_;
  std::set<std::string> samples_;
  mutable std::mutex mutex_;
};

}  // namespace mito::view
