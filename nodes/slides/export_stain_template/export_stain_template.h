#pragma once
#include <string>
#include <vector>

#include "engine/core/params.h"
#include "engine/types/standardisation.h"
#include "nodes/slides/stain/stain_template.h"

namespace mito::export_stain_template {

struct Params {
  std::string source = "";

  static void describe(auto& p, auto&& field) {
    field("source", p.source,
          {.doc = "Where the slides are from, for people who use the template."});
  }
};

/// The template that the slides themselves make, one slide or several pooled. Throws DataError for
/// none, or for slides of different methods.
stain::StainTemplate from_slides(const std::vector<Standardisation>& slides, const Params& params);

}  // namespace mito::export_stain_template
