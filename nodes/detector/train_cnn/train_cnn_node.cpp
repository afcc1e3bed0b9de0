#include <algorithm>

#include "engine/core/atomic_file.h"
#include "engine/graph/node.h"
#include "engine/nn/foretold_networks.h"
#include "engine/types/foretold_patches.h"
#include "nodes/detector/train_cnn/train_cnn.h"
#include "nodes/detector/training/checkpoint.h"

namespace mito::nodes {
namespace {

std::filesystem::path checkpoint_of(const graph::NodeContext& context) {
  return context.scratch / "checkpoint.h5";
}

/// batches of one network (parts), its patches [, validation patches, slides, network to go on
/// from, network whose answers are the targets] -> trained network; also metrics.csv, metrics.jsonl
/// and f1_curve.csv in the folder of its part.
struct TrainCnn {
  static constexpr graph::NodeInfo kInfo{
      .type = "train_cnn",
      .version = 2,
      .paper = "IV-B",
      .summary = "Trains a network, one step per batch, and keeps its best or last epoch.",
      .inputs = {"batches", "patches", "validation", "slides", "start", "teacher"},
      .output = "model"};

  static std::shared_ptr<const nn::ForetoldNetworks> foretell(const train_cnn::Params& params,
                                                              const Foresight& ahead) {
    const auto sets = ahead.at<ForetoldPatches>("patches");
    return std::make_shared<const nn::ForetoldNetworks>(nn::ForetoldNetworks{
        sets == nullptr ? 1 : sets->sets, nn::parameter_count(train_cnn::architecture(params))});
  }
  /// The weights; meanwhile a checkpoint: those of now and of the best epoch, and two moments, and
  /// the validation patches that do not fit into memory.
  static std::optional<graph::Costs> cost(const train_cnn::Params& params, const Foresight& ahead) {
    constexpr int kInCheckpoint = 4;
    const auto networks = foretell(params, ahead);
    const auto validation = ahead.at<ForetoldPatches>("validation");
    const double filed =
        validation == nullptr
            ? 0
            : std::max(0.0, nn::plain_patches_mib(validation->patches) - params.memory_mib);
    return graph::Costs{
        {.store_mib = networks->mib(1), .scratch_mib = networks->mib(kInCheckpoint) + filed},
        networks->networks};
  }
  /// Batches that the checkpoint of this run holds already: they need not be made again.
  static std::uint32_t resumes_at(const train_cnn::Params& /*params*/,
                                  const graph::NodeContext& context) {
    if (context.scratch.empty()) return 0;
    const auto checkpoint = nn::load_checkpoint(checkpoint_of(context));
    return checkpoint ? train_cnn::Trainer::seen(*checkpoint) : 0;
  }

  static train_cnn::Training begin(const train_cnn::Params& params,
                                   const graph::NodeContext& context,
                                   std::uint32_t size,
                                   const PatchSet& patches,
                                   const PatchSet* validation,
                                   const SlideCollection* slides,
                                   const nn::Model* start,
                                   const nn::Model* teacher) {
    auto own = params;
    own.device = context.device_or(params.device);
    train_cnn::Hooks hooks;
    hooks.stop = context.stop;
    hooks.progress = context.progress;
    hooks.report = [folder = context.part_folder()](const auto& epochs, const auto& curve) {
      write_file(folder / "metrics.csv", train_cnn::metrics_csv(epochs));
      write_file(folder / "metrics.jsonl", train_cnn::metrics_json_lines(epochs));
      write_file(folder / "f1_curve.csv", stats::f1_curve_csv(curve));
    };
    hooks.scratch = context.scratch;
    if (!context.scratch.empty()) {
      const auto file = checkpoint_of(context);
      hooks.load = [file] { return nn::load_checkpoint(file); };
      hooks.save = [file](const Record& record) { nn::save_checkpoint(file, record); };
    }
    return {own, {patches, validation, slides, start, teacher}, size, hooks};
  }

  static void add(train_cnn::Training& training, std::uint32_t index, const TrainingBatch& batch) {
    training.add(index, batch);
  }

  static nn::Model finish(train_cnn::Training training) { return training.finish(); }
};

}  // namespace

void register_train_cnn(graph::Registry& registry) { registry.add<TrainCnn>(); }

}  // namespace mito::nodes
