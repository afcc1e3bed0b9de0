#pragma once
#include <memory>
#include <string>

#include "engine/nn/backend.h"

namespace mito::nn {

/// The network in the bytes of a TorchScript file. Throws DataError when it cannot be read.
std::shared_ptr<const TensorFunction> open_script(const std::string& bytes, Device device);

}  // namespace mito::nn
