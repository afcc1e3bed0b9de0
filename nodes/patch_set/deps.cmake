set(STAGE_DEPS mito::image)
