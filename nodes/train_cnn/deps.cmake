set(STAGE_DEPS mito::nn mito::image mito::slide mito::stats)
