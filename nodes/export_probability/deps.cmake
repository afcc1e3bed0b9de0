set(STAGE_DEPS mito::slide mito::tiff)
