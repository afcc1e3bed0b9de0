#pragma once
#include <filesystem>
#include <map>
#include <span>
#include <string>
#include <string_view>

#include "engine/types/standardisation.h"

namespace mito::stain {

/// The colours that slides are given: the statistics of a chosen slide, or pooled over several, for
/// one or more methods. No pixels.
struct StainTemplate {
  std::string source;                              ///< Where it is from, for people.
  std::map<std::string, StainStatistics> methods;  ///< By method.
  std::string warning;  ///< What the user of it should know; empty when nothing.
};

/// The template that is used when none is given, as JSON: data/stain_template.json.
extern const std::string_view kDefaultTemplate;
StainTemplate default_template();

/// Reads a template: JSON as template_json() writes it, or, when the name ends in .csv, a template
/// of the public WSICS program (method 3.2 step 8), which is an approximation: `warning` says so.
/// Throws DataError naming the file, what is wrong and what was expected.
StainTemplate read_template(const std::filesystem::path& file);

/// The same from text; `name` stands for the file in messages.
StainTemplate parse_template(std::string_view text, const std::string& name);
StainTemplate parse_wsics_csv(std::string_view text, const std::string& name);

/// Its statistics for `method`. Throws DataError saying which methods it has.
const StainStatistics& statistics_for(const StainTemplate& stain_template,
                                      const std::string& method);

std::string template_json(const StainTemplate& stain_template);

/// One template from the statistics of several slides, all of one method: the mean of each number;
/// axes are turned to point like the first slide's and averaged as directions, stain vectors keep
/// their mean length. One slide gives its own statistics. Throws DataError for none or a mixture.
StainStatistics pooled(std::span<const StainStatistics> slides);

}  // namespace mito::stain
