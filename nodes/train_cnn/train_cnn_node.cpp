#include "engine/core/atomic_file.h"
#include "engine/graph/node.h"
#include "engine/nn/checkpoint.h"
#include "nodes/train_cnn/train_cnn.h"

namespace mito::nodes {
namespace {

/// annotated images, or labelled patches [and more] [, network to go on from] -> trained network;
/// also metrics.csv and metrics.jsonl in the output folder.
struct TrainCnn {
  static constexpr graph::NodeInfo kInfo{
      .type = "train_cnn",
      .version = 1,
      .paper = "IV-B",
      .summary = "Trains a network on images with marked mitoses or on labelled patches.",
      .concurrency = graph::Concurrency::Device};
  using Params = train_cnn::Params;
  static constexpr std::array<std::string_view, 4> kInputs{"data", "patches", "more_patches",
                                                           "start"};
  static constexpr std::string_view kOutput = "model";

  static std::string check(const Params& params) { return train_cnn::check(params); }

  static nn::Model run(const Params& params,
                       const graph::NodeContext& context,
                       const AnnotatedImages* data,
                       const LabelledPatches* patches,
                       const LabelledPatches* more_patches,
                       const nn::Model* start) {
    auto own = params;
    if (context.device != "auto") own.device = context.device;
    train_cnn::Hooks hooks;
    hooks.name = context.node;
    hooks.stop = context.stop;
    hooks.progress = context.progress;
    hooks.report = [&](const std::vector<train_cnn::EpochMetrics>& epochs) {
      write_file(context.out_folder / "metrics.csv", train_cnn::metrics_csv(epochs));
      write_file(context.out_folder / "metrics.jsonl", train_cnn::metrics_json_lines(epochs));
    };
    if (!context.scratch.empty()) {
      const auto file = context.scratch / "checkpoint.h5";
      hooks.load = [file] { return nn::load_checkpoint(file); };
      hooks.save = [file](const Record& record) { nn::save_checkpoint(file, record); };
    }
    return train_cnn::train(own, {data, patches, more_patches}, start, hooks);
  }
};

}  // namespace

void register_train_cnn(graph::Registry& registry) { registry.add<TrainCnn>(); }

}  // namespace mito::nodes
