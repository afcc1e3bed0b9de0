#include "nodes/detector/training_batches/pixels.h"

#include <algorithm>
#include <numeric>
#include <optional>
#include <tuple>

#include <spdlog/fmt/fmt.h>

#include "engine/core/digest.h"
#include "engine/core/error.h"
#include "engine/hdf5/patch_file.h"
#include "engine/slide/patch_reader.h"

namespace mito::training_batches {
namespace {

constexpr std::int64_t kSize = image::kPatchSize;
constexpr std::int32_t kBand = 256;  // px: about a row of a slide's own tiles
constexpr std::size_t kPatchesAtOnce = 64;

/// Cuts each patch when it is asked for.
class Cut final : public Pixels {
 public:
  Cut(PatchSet set, const SlideCollection* slides)
      : set_(std::move(set)), reader_(set_, slides, kSize) {}
  void read(std::uint32_t index, std::span<std::uint8_t> rgb) const override {
    reader_.read(index, rgb);
  }

 private:
  const PatchSet set_;
  const PatchReader reader_;
};

class InMemory final : public Pixels {
 public:
  InMemory(std::vector<std::uint8_t> rgb, std::vector<std::uint32_t> row)
      : rgb_(std::move(rgb)), row_(std::move(row)) {}
  void read(std::uint32_t index, std::span<std::uint8_t> rgb) const override {
    std::copy_n(rgb_.data() + std::size_t{row_.at(index)} * kPatchBytes, kPatchBytes, rgb.data());
  }

 private:
  const std::vector<std::uint8_t> rgb_;
  const std::vector<std::uint32_t> row_;
};

class InFile final : public Pixels {
 public:
  InFile(std::shared_ptr<const store::PatchFile> file, std::vector<std::uint32_t> row)
      : file_(std::move(file)), row_(std::move(row)) {}
  void read(std::uint32_t index, std::span<std::uint8_t> rgb) const override {
    file_->read(row_.at(index), rgb);
  }

 private:
  const std::shared_ptr<const store::PatchFile> file_;
  const std::vector<std::uint32_t> row_;
};

/// The different patches of a set in the order in which they lie, and where each went.
struct Packing {
  std::vector<std::uint32_t> first;  ///< A patch of the set for each row.
  std::vector<std::uint32_t> row;    ///< One per patch of the set.
};

Packing packing_of(const PatchSet& set) {
  const auto place = [&](std::uint32_t i) {
    return std::tuple(set.slide[i], set.at[i].y / kBand, set.at[i].x, set.at[i].y);
  };
  std::vector<std::uint32_t> order(set.count());
  std::iota(order.begin(), order.end(), 0U);
  std::ranges::stable_sort(order, {}, place);
  Packing out;
  out.row.resize(set.count());
  for (const auto i : order) {
    if (out.first.empty() || place(out.first.back()) != place(i)) out.first.push_back(i);
    out.row[i] = static_cast<std::uint32_t>(out.first.size() - 1);
  }
  return out;
}

std::string identity_of(const PatchSet& set, const Packing& packing) {
  Sha256 sha;
  for (const auto i : packing.first)
    sha.update(
        fmt::format("{} {} {}\n", set.slides[set.slide[i]].identity, set.at[i].x, set.at[i].y));
  return sha.finish();
}

/// Cuts the patches of `packing` in its order and hands them to `take`, some at a time.
template <class Take>
void cut_all(const PatchSet& set,
             const SlideCollection* slides,
             const Packing& packing,
             const Surroundings& surroundings,
             Take&& take) {
  const PatchReader reader(set, slides, kSize);
  std::vector<std::uint8_t> some;
  for (std::size_t done = 0; done < packing.first.size();) {
    if (surroundings.stop()) throw Interrupted("stopped while cutting the training patches");
    surroundings.progress("cutting patches",
                          static_cast<double>(done) / static_cast<double>(packing.first.size()));
    const auto count = std::min(kPatchesAtOnce, packing.first.size() - done);
    some.resize(count * kPatchBytes);
    for (std::size_t k = 0; k < count; ++k)
      reader.read(packing.first[done + k], std::span(some).subspan(k * kPatchBytes, kPatchBytes));
    take(std::span<const std::uint8_t>(some));
    done += count;
  }
}

std::shared_ptr<const Pixels> in_memory(const PatchSet& set,
                                        const SlideCollection* slides,
                                        Packing packing,
                                        const Surroundings& surroundings) {
  std::vector<std::uint8_t> rgb;
  rgb.reserve(packing.first.size() * kPatchBytes);
  cut_all(set, slides, packing, surroundings,
          [&](const auto& some) { rgb.insert(rgb.end(), some.begin(), some.end()); });
  return std::make_shared<InMemory>(std::move(rgb), std::move(packing.row));
}

std::shared_ptr<const Pixels> in_file(const PatchSet& set,
                                      const SlideCollection* slides,
                                      Packing packing,
                                      const Surroundings& surroundings) {
  const auto path = surroundings.scratch / "patches.h5";
  const store::PatchFileInfo info{identity_of(set, packing), packing.first.size(), kSize};
  auto file = store::PatchFile::made(path, info, [&](store::PatchFileWriter& writer) {
    cut_all(set, slides, packing, surroundings, [&](const auto& some) { writer.add(some); });
  });
  return std::make_shared<InFile>(std::move(file), std::move(packing.row));
}

}  // namespace

std::shared_ptr<const Pixels> pixels_of(const PatchSet& set,
                                        const SlideCollection* slides,
                                        const Params& params,
                                        const Surroundings& surroundings) {
  if (!set.rgb.empty()) {  // its own pixels are in memory already
    check(set);
    Packing as_it_is;
    as_it_is.first.resize(set.count());
    std::iota(as_it_is.first.begin(), as_it_is.first.end(), 0U);
    as_it_is.row = as_it_is.first;
    return in_memory(set, slides, std::move(as_it_is), surroundings);
  }
  if (params.pack == "no") return std::make_shared<Cut>(set, slides);
  check(set);
  auto packing = packing_of(set);
  const double mib = static_cast<double>(packing.first.size() * kPatchBytes) / 1048576.0;
  const bool fits = params.pack == "auto" && mib <= params.memory_mib;
  if (params.pack == "memory" || fits || surroundings.scratch.empty())
    return in_memory(set, slides, std::move(packing), surroundings);
  return in_file(set, slides, std::move(packing), surroundings);
}

}  // namespace mito::training_batches
