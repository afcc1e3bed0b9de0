set(STAGE_DEPS mito::nn mito::stats)
