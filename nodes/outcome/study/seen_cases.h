#pragma once
// Which cases and files a study measures, and which its network and thresholds have seen, before it
// runs.
#include <optional>
#include <string>
#include <string_view>

#include "engine/core/foresight.h"

namespace mito::study {

/// Of a step that measures slides one by one: the cases of the slides at its port `slide`, by their
/// annotations (port `annotations`), the table of the study (`cohort`) and `case_pattern`, as
/// stats::member_of() has it, their files, and those that the network at `model` was trained on.
/// Empty where the cases are not known yet. Throws DataError naming what is wrong with one of the
/// files.
std::optional<Measured> measured_slides(const std::string& case_pattern, const Foresight& ahead);

/// The same, of a step that also takes thresholds from the network: cases that these were tuned on
/// are seen, too.
std::optional<Measured> measured_with_threshold(const std::string& case_pattern,
                                                const Foresight& ahead);

/// Of a step that measures a whole study: the cases of the slides whose results it takes at `port`,
/// and those on which the network, the file of thresholds (`tuning_file`) or the step of the same
/// pipeline that chooses them (`tuning`) was tuned.
std::optional<Measured> measured_study(std::string_view port, const Foresight& ahead);

}  // namespace mito::study
