set(STAGE_DEPS mito::tiff)
