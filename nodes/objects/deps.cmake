set(STAGE_DEPS mito::image mito::slide mito::nn)
