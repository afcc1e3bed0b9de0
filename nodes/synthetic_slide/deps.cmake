set(STAGE_DEPS mito::image mito::tiff)
