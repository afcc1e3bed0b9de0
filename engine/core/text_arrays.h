#pragma once
#include <string>
#include <vector>

#include "engine/core/record.h"

namespace mito {

/// A list of texts as two arrays: `name`, the UTF-8 bytes of all of them, and `name_end`, where
/// each ends in it.
void put_texts(Record& record, const std::string& name, const std::vector<std::string>& texts);

/// Throws DataError when an array is missing or its ends do not fit.
std::vector<std::string> get_texts(const Record& record, const std::string& name);

}  // namespace mito
