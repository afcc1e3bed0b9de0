set(STAGE_DEPS mito::nn)
