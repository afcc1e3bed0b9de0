set(STAGE_DEPS mito::nn mito::slide mito::stats)
