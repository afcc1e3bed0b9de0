#pragma once
#include <memory>

#include "engine/core/params.h"
#include "engine/slide/slide.h"
#include "engine/types/standardisation.h"
#include "nodes/slides/stain/colour_tables.h"

namespace mito::standardised_slide {

struct Params {
  int tables_mib = 1024;

  static void describe(auto& p, auto&& field) {
    field("tables_mib", p.tables_mib,
          {.unit = Unit::Mebibyte,
           .range = {0, 1 << 20},
           .affects = Affects::Execution,
           .doc = "Most memory for tables of colours, 64 MiB each at most. Slides beyond it are "
                  "mapped without a table, or take that of the slide not read for longest."});
  }
};

/// As many tables as `params` allow, for all slides together.
std::shared_ptr<stain::ColourTables> make_tables(const Params& params);

/// The slide in the colours of the template: its read() returns mapped pixels. Cheap; nothing is
/// read. Throws DataError when the standardisation makes no sense.
Slide standardised(const Slide& slide,
                   const Standardisation& standardisation,
                   std::shared_ptr<stain::ColourTables> tables);

}  // namespace mito::standardised_slide
