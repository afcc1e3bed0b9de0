#pragma once
#include <filesystem>
#include <map>
#include <string>

#include "engine/core/record.h"

namespace mito::test {

/// Writes a TorchScript module with these tensors as its buffers, whose forward() is `source`.
void write_script(const std::filesystem::path& file,
                  const std::map<std::string, Array>& tensors,
                  const std::string& source);

}  // namespace mito::test
