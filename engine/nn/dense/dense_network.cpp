#include "engine/nn/dense/dense_network.h"

#include <algorithm>
#include <utility>

#include "engine/core/error.h"
#include "engine/nn/dense/transform.h"

namespace mito::nn::dense {
namespace {

const Architecture& checked(const Architecture& architecture) {
  if (architecture.family != Family::Table2)
    throw DataError("only table2 networks can be evaluated densely");
  return architecture;
}

}  // namespace

std::size_t transform_side(const Architecture& architecture, std::size_t bytes) {
  checked(architecture);
  for (auto side = kSides.rbegin(); side != kSides.rend(); ++side) {
    if (Head::filter_bytes(architecture, *side) <= bytes) return *side;
  }
  return kSides.front();
}

/// What a thread needs beside the network.
struct DenseNetwork::Scratch {
  Trunk::Scratch trunk;
  Head::Scratch head;
  Floats features;
  std::array<std::vector<float>, 2> logits;
};

/// A scratch that no other thread uses: an idle one, or a new one.
class DenseNetwork::Lease {
 public:
  explicit Lease(const DenseNetwork& network) : network_(network) {
    const std::lock_guard lock(network.mutex_);
    if (network.idle_.empty()) {
      scratch_ = std::make_unique<Scratch>();
    } else {
      scratch_ = std::move(network.idle_.back());
      network.idle_.pop_back();
    }
  }
  ~Lease() {
    const std::lock_guard lock(network_.mutex_);
    network_.idle_.push_back(std::move(scratch_));
  }
  Lease(const Lease&) = delete;
  Lease& operator=(const Lease&) = delete;

  Scratch& operator*() const { return *scratch_; }

 private:
  const DenseNetwork& network_;
  std::unique_ptr<Scratch> scratch_;
};

DenseNetwork::DenseNetwork(const Architecture& architecture,
                           const Tensors& tensors,
                           std::size_t side)
    : trunk_(checked(architecture), tensors), head_(architecture, tensors, side) {}

DenseNetwork::~DenseNetwork() = default;

std::size_t DenseNetwork::pixels(std::size_t outputs) {
  return Trunk::pixels(outputs + kTransformMargin);
}

std::vector<float> DenseNetwork::logits(std::span<const std::uint8_t> rgb,
                                        std::size_t height,
                                        std::size_t width,
                                        std::size_t rows,
                                        std::size_t columns) const {
  if (rgb.size() != height * width * 3)
    throw DataError("a dense block needs 8-bit RGB pixels [height][width][3]");
  const std::size_t square = head_.square();
  const std::size_t square_rows = (rows + square - 1) / square;
  const std::size_t square_columns = (columns + square - 1) / square;
  const std::size_t feature_rows = square_rows * square + kTransformMargin;
  const std::size_t feature_columns = square_columns * square + kTransformMargin;

  const Lease lease(*this);
  Scratch& s = *lease;
  if (const auto size = feature_rows * feature_columns * head_.step(); s.features.size() < size)
    s.features = Floats(size);
  for (auto& l : s.logits) l.resize(square_rows * square * square_columns * square);
  trunk_.run({rgb, height, width}, feature_rows, feature_columns, s.features.data(), head_.step(),
             s.trunk);
  head_.run(s.features.data(), feature_columns, square_rows, square_columns,
            {s.logits[0].data(), s.logits[1].data()}, s.head);

  std::vector<float> out(2 * rows * columns);
  for (std::size_t k = 0; k < 2; ++k) {
    for (std::size_t y = 0; y < rows; ++y)
      std::copy_n(&s.logits[k][y * square_columns * square], columns,
                  &out[(k * rows + y) * columns]);
  }
  return out;
}

}  // namespace mito::nn::dense
