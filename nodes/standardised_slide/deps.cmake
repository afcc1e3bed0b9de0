set(STAGE_DEPS mito::slide mito::stain)
