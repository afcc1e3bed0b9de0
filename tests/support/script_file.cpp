#include "tests/support/script_file.h"

#include <cstring>
#include <vector>

#include <ATen/ATen.h>
#include <torch/csrc/jit/api/module.h>

namespace mito::test {

void write_script(const std::filesystem::path& file,
                  const std::map<std::string, Array>& tensors,
                  const std::string& source) {
  torch::jit::Module module("network");
  for (const auto& [name, array] : tensors) {
    auto tensor =
        at::empty(std::vector<std::int64_t>(array.shape.begin(), array.shape.end()), at::kFloat);
    std::memcpy(tensor.data_ptr<float>(), array.bytes.data(), array.bytes.size());
    module.register_buffer(name, tensor);
  }
  module.define(source);
  module.save(file.string());
}

}  // namespace mito::test
