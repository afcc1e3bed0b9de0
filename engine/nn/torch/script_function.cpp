#include "engine/nn/torch/script_function.h"

#include <cstring>
#include <sstream>
#include <string_view>
#include <vector>

#include <ATen/ATen.h>
#include <ATen/Context.h>
#include <ATen/Parallel.h>
#include <c10/core/InferenceMode.h>
#include <torch/csrc/jit/api/module.h>
#include <torch/csrc/jit/runtime/graph_executor.h>
#include <torch/csrc/jit/serialization/import.h>

#include "engine/core/error.h"

namespace mito::nn {
namespace {

std::string first_line(std::string_view text) {
  return std::string(text.substr(0, text.find('\n')));
}

// As it was written, operator by operator: an optimised graph may round in another way than the
// first calls, which it is made from.
template <class F>
auto guarded(F&& body) {
  at::set_num_threads(1);
  const c10::InferenceMode inference;
  const torch::jit::GraphOptimizerEnabledGuard plain(false);
  try {
    return body();
  } catch (const c10::Error& error) {
    throw DataError("LibTorch: " + first_line(error.what_without_backtrace()));
  } catch (const Error&) {
    throw;
  } catch (const std::exception& error) {  // of the interpreter
    std::string_view text = error.what();
    while (!text.empty() && text.back() == '\n') text.remove_suffix(1);
    throw DataError("LibTorch: " + std::string(text.substr(text.rfind('\n') + 1)));
  }
}

class ScriptFunction final : public TensorFunction {
 public:
  ScriptFunction(const std::string& bytes, Device device)
      : device_(device == Device::Cuda ? at::kCUDA : at::kCPU) {
    std::istringstream in(bytes);
    module_ = torch::jit::load(in, device_);
    module_.eval();
  }

  Blob run(std::span<const float> input, std::int64_t count, std::int64_t side) const override {
    return guarded([&] {
      auto x = at::empty({count, 3, side, side}, at::kFloat);
      std::memcpy(x.data_ptr<float>(), input.data(), input.size_bytes());
      // A module's method is not const, but it changes nothing of a network in evaluation.
      auto module = module_;
      auto out = module.forward({x.to(device_)});
      if (out.isTuple()) out = out.toTupleRef().elements().at(0);
      if (!out.isTensor())
        throw DataError("LibTorch: the network gives " + out.tagKind() + ", expected a tensor");
      const auto host = out.toTensor().to(at::kCPU, at::kFloat).contiguous();
      const auto* values = host.data_ptr<float>();
      return Blob{host.sizes().vec(), {values, values + host.numel()}};
    });
  }

 private:
  at::Device device_;
  torch::jit::Module module_;
};

}  // namespace

std::shared_ptr<const TensorFunction> open_script(const std::string& bytes, Device device) {
  return guarded([&]() -> std::shared_ptr<const TensorFunction> {
    at::globalContext().setAllowTF32CuDNN(false);
    return std::make_shared<ScriptFunction>(bytes, device);
  });
}

}  // namespace mito::nn
