#include "nodes/slides/standardised_slide/standardised_slide.h"

#include <string>
#include <utility>

#include "engine/slide/recolouring.h"

namespace mito::standardised_slide {
namespace {

class StainMap final : public slide::Recolouring {
 public:
  StainMap(const Standardisation& standardisation, std::shared_ptr<stain::ColourTables> tables)
      : map_(standardisation),
        digest_(colour_digest(standardisation)),
        tables_(std::move(tables)) {}

  void apply(std::span<std::uint8_t> rgb) const override { tables_->apply(map_, digest_, rgb); }
  std::string identity() const override { return "stain:" + digest_; }

 private:
  stain::ColourMap map_;
  std::string digest_;
  std::shared_ptr<stain::ColourTables> tables_;
};

}  // namespace

std::shared_ptr<stain::ColourTables> make_tables(const Params& params) {
  constexpr std::size_t kMib = std::size_t{1} << 20U;
  return std::make_shared<stain::ColourTables>(static_cast<std::size_t>(params.tables_mib) * kMib /
                                               stain::ColourTables::kTableBytes);
}

Slide standardised(const Slide& slide,
                   const Standardisation& standardisation,
                   std::shared_ptr<stain::ColourTables> tables) {
  return slide.recoloured(std::make_shared<const StainMap>(standardisation, std::move(tables)));
}

}  // namespace mito::standardised_slide
