#include "engine/types/adapted.h"

#include <tuple>

#include "engine/core/description.h"
#include "engine/core/error.h"

namespace mito {

void Payload<Adaptation>::describe(Description<Adaptation>& d) {
  d.about("What the labels of a laboratory say of a network before and after it was adapted.");
  d.texts("samples", &Adaptation::samples, "N", {"Names of the labelled places."});
  d.texts("cases", &Adaptation::cases, "N", {"Their cases."});
  d.texts("images", &Adaptation::images, "N", {"SHA-256 of their slides; may be empty."});
  d.column("fold", &Adaptation::fold, "N", {"Fold in which each was left out, from 0."});
  d.column("label", &Adaptation::label, "N", {"1 mitosis, 0 not."});
  d.column("weight", &Adaptation::weight, "N", {"Places that each stands for."});
  d.column("before", &Adaptation::before, "N", {"Probability, by the network."});
  d.column("after", &Adaptation::after, "N",
           {"Probability, by the network that was fine-tuned without its fold."});
  d.rows(&Adaptation::weights, "3")
      .column("temperature", &AdaptedWeights::temperature,
              {"Rows: before, threshold, fine-tuned. T of logits / T."})
      .column("loss", [](auto& w) { return std::tie(w.loss, w.calibrated_loss); },
              {"Mean cross-entropy, before calibration and after it."})
      .column("threshold",
              [](auto& w) { return std::tie(w.threshold, w.threshold_low, w.threshold_high); },
              {"After calibration, with its interval; NaN: it was not chosen here."})
      .column("f1", [](auto& w) { return std::tie(w.f1, w.f1_low, w.f1_high); },
              {"F1 with its interval."})
      .column("precision_recall", [](auto& w) { return std::tie(w.precision, w.recall); },
              {"Precision and recall."});
  d.attribute("gain", &Adaptation::gain, {"F1 fine-tuned minus before."});
  d.attribute("gain_low", &Adaptation::gain_low, {"Lower end of its interval."});
  d.attribute("gain_high", &Adaptation::gain_high, {"Upper end of its interval."});
  d.attribute("model", &Adaptation::model, {"Digest of the network before."});
  d.attribute("replayed", &Adaptation::replayed, {"Patches that were replayed; 0: none."});
  d.attribute("replay_change", &Adaptation::replay_change,
              {"Mean change of the probability on them."});
  d.attribute("replay_same", &Adaptation::replay_same,
              {"Share of them that stays on its side of 0.5."});
  d.check([](const Adaptation& a) {
    const auto n = a.label.size();
    if (a.samples.size() != n || a.cases.size() != n || a.images.size() != n ||
        a.fold.size() != n || a.weight.size() != n || a.before.size() != n || a.after.size() != n)
      throw DataError("the lists of labelled places differ in length");
    if (a.weights.size() != Adaptation::kRows.size())
      throw DataError("expected three rows of weights");
  });
}

template struct DescribedCodec<Adaptation>;

}  // namespace mito
