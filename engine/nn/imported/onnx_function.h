#pragma once
#include <memory>
#include <string>

#include "engine/nn/imported/tensor_function.h"

namespace mito::nn {

/// The network in the bytes of an ONNX file, run by OpenCV on processors (ADR 0029). Throws
/// DataError "OpenCV: ..." when it cannot be read.
std::shared_ptr<const TensorFunction> open_onnx(const std::string& bytes);

}  // namespace mito::nn
