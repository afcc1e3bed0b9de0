set(STAGE_DEPS mito::stain)
