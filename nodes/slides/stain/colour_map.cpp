#include "nodes/slides/stain/colour_map.h"

#include <array>
#include <span>

#include "engine/core/error.h"
#include "engine/core/text.h"
#include "nodes/slides/stain/lab.h"
#include "nodes/slides/stain/mixture.h"
#include "nodes/slides/stain/naive_bayes.h"
#include "nodes/slides/stain/wsics.h"

namespace mito::stain {

class ColourMap::Method {
 public:
  Method() = default;
  Method(const Method&) = delete;
  Method& operator=(const Method&) = delete;
  virtual ~Method() = default;
  virtual Triple map(const Rgb8& rgb) const = 0;
};

namespace {

class Wsics final : public ColourMap::Method {
 public:
  Wsics(const WsicsStatistics& source,
        const WsicsStatistics& target,
        const ColourClassifier& classifier)
      : map_(source, target), classifier_(classifier) {
    if (classifier.minimum.size() != 3 || classifier.priors.size() != WsicsStatistics::kClasses ||
        classifier.bins < 2)
      throw DataError("the colour classifier of this standardisation is not one of WSICS");
  }
  Triple map(const Rgb8& rgb) const override {
    const Hsd hsd = to_hsd(rgb);
    std::array<double, WsicsStatistics::kClasses> weights{};
    classify(classifier_, std::array{hsd.cx, hsd.cy, hsd.density / 2}, weights);
    return to_rgb(map_(hsd, weights).hsd);
  }
  const std::vector<std::string>& warnings() const { return map_.warnings(); }

 private:
  WsicsMap map_;
  ColourClassifier classifier_;
};

class Mixture final : public ColourMap::Method {
 public:
  explicit Mixture(MixtureMap map) : map_(map) {}
  Triple map(const Rgb8& rgb) const override { return map_(rgb); }

 private:
  MixtureMap map_;
};

class Reinhard final : public ColourMap::Method {
 public:
  Reinhard(const LabStatistics& source, const LabStatistics& target)
      : source_(source), target_(target) {}
  Triple map(const Rgb8& rgb) const override {
    Triple out = transfer_lab(to_lab(rgb), source_, target_);
    for (double& v : out) v *= 255;
    return out;
  }

 private:
  LabStatistics source_;
  LabStatistics target_;
};

template <class T>
const T& as(const StainStatistics& statistics, const std::string& method) {
  const T* found = std::get_if<T>(&statistics);
  if (found == nullptr)
    throw DataError("the statistics of this standardisation are not those of method '" + method +
                    "'");
  return *found;
}

}  // namespace

ColourMap::ColourMap(const Standardisation& s) {
  if (s.method == "wsics") {
    auto method = std::make_shared<Wsics>(as<WsicsStatistics>(s.source, s.method),
                                          as<WsicsStatistics>(s.target, s.method), s.classifier);
    warnings_ = method->warnings();
    method_ = std::move(method);
  } else if (s.method == "macenko" || s.method == "vahadane") {
    method_ = std::make_shared<Mixture>(MixtureMap(as<MixtureStatistics>(s.source, s.method),
                                                   as<MixtureStatistics>(s.target, s.method),
                                                   s.density, s.method == "vahadane"));
  } else if (s.method == "reinhard") {
    method_ = std::make_shared<Reinhard>(as<LabStatistics>(s.source, s.method),
                                         as<LabStatistics>(s.target, s.method));
  } else {
    throw DataError("no method of stain standardisation is called '" + s.method + "'" +
                    did_you_mean(s.method, {"wsics", "macenko", "vahadane", "reinhard"}));
  }
}

Triple ColourMap::operator()(const Rgb8& rgb) const { return method_->map(rgb); }

}  // namespace mito::stain
